// When roots are announced, and when no longer: the times of src/app/announcing.ts, by a clock that is turned on by hand.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { announceRoots } from '../../src/app/announcing.ts'

const one = 'bafyreifghgphft7zij7r7uchyddo2j54bbrbsrc27x6rweybdkaunnuxie'
const two = 'bafyreid4dko76zovhzcahsghpqplpw55syak4dlpbbw2zov7gujw66hvve'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const setup = (roots: Set<string>, peers: (root: string) => number) => {
  const seen: string[] = []
  const announcing = announceRoots(
    {
      announce: async cid => {
        seen.push(`asked ${cid}`)
        const took = peers(`${cid}`)
        if (took < 0) throw new Error('the walk failed')
        return took
      },
      withdraw: async cid => void seen.push(`withdrawn ${cid}`),
    },
    () => roots,
    (root, peers) => seen.push(`announced ${root} to ${peers}`),
    message => seen.push(`warned: ${message}`),
  )
  return { announcing, take: () => seen.splice(0) }
}

describe('roots', () => {
  it('are announced once, those that come later within a minute, those that go are withdrawn', async () => {
    const roots = new Set([one])
    const { announcing, take } = setup(roots, () => 3)
    await vi.advanceTimersByTimeAsync(0)
    expect(take()).toEqual([`asked ${one}`, `announced ${one} to 3`])
    roots.add(two)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(take()).toEqual([`asked ${two}`, `announced ${two} to 3`])
    roots.delete(one)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(take()).toEqual([`withdrawn ${one}`])
    await vi.advanceTimersByTimeAsync(600_000)
    expect(take()).toEqual([])
    announcing.stop()
    expect(vi.getTimerCount()).toBe(0)
  })

  it('that nobody takes, or whose walk fails, keep no other back; they are tried again, and it is said once', async () => {
    let there = 0
    const { announcing, take } = setup(new Set([one, two]), root => (root === one ? there : -1))
    await vi.advanceTimersByTimeAsync(0)
    expect(take()).toEqual([`asked ${one}`, `asked ${two}`])
    await vi.advanceTimersByTimeAsync(300_000)
    const said = take()
    expect(said.filter(line => line.startsWith('warned'))).toEqual([
      expect.stringContaining('nobody in the DHT takes 2 of 2 roots'),
    ])
    expect(said.filter(line => line === `asked ${two}`).length).toBeGreaterThan(5)
    there = 1
    await vi.advanceTimersByTimeAsync(60_000)
    expect(take()).toContain(`announced ${one} to 1`)
    announcing.stop()
    await vi.advanceTimersByTimeAsync(600_000)
    expect(take()).toEqual([])
  })
})
