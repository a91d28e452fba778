// Where the store lies when nobody says: the platform's folder for application data.
import { posix, win32 } from 'node:path'

/**
 * The default store file by the platform's convention: `$XDG_DATA_HOME/sx-ipfs/store.sqlite` (`~/.local/share` without
 * it; a relative value is ignored, XDG Base Directory 0.8), `~/Library/Application Support/sx-ipfs` on macOS,
 * `%LOCALAPPDATA%\sx-ipfs` on Windows. Pure: the environment is an argument.
 */
export function defaultStorePath(
  env: Readonly<Record<string, string | undefined>>,
  platform: string,
): string {
  if (platform === 'win32') {
    const local = env.LOCALAPPDATA || win32.join(env.USERPROFILE || 'C:\\', 'AppData', 'Local')
    return win32.join(local, 'sx-ipfs', 'store.sqlite')
  }
  const home = env.HOME || '/'
  if (platform === 'darwin')
    return posix.join(home, 'Library', 'Application Support', 'sx-ipfs', 'store.sqlite')
  const data = env.XDG_DATA_HOME
  const base = data !== undefined && posix.isAbsolute(data) ? data : posix.join(home, '.local', 'share')
  return posix.join(base, 'sx-ipfs', 'store.sqlite')
}
