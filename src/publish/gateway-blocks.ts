// Blocks from a trustless gateway, each verified: to prove that something is there, and to repair what is damaged here.
import { SxError } from '../errors.ts'
import { verifyBlock } from '../ipld/block.ts'
import type { Sha256 } from '../ports.ts'
import type { Http } from './http.ts'

/** What the ecosystem takes at most, in bytes. */
const MOST_BLOCK = 2 * 2 ** 20

export interface GatewayBlocks {
  /** Throws 'peer-failed', or 'block-mismatch' for a gateway that lies. undefined: it says that it has it not. */
  get(cid: string, signal?: AbortSignal): Promise<Uint8Array | undefined>
}

/** `gateway`: the URL before `/ipfs/`. https://specs.ipfs.tech/http-gateways/trustless-gateway/ */
export const gatewayBlocks = (gateway: string, http: Http, sha256: Sha256): GatewayBlocks => ({
  get: async (cid, signal) => {
    const url = `${gateway.replace(/\/$/, '')}/ipfs/${cid}?format=raw`
    try {
      const bytes = await http.bytes(url, MOST_BLOCK, {
        headers: { Accept: 'application/vnd.ipld.raw' },
        timeout: 30_000,
        signal,
      })
      verifyBlock(cid, bytes, sha256)
      return bytes
    } catch (error) {
      const { status } = error instanceof SxError ? error.detail : {}
      if (status === 404 || status === 410) return undefined
      throw error
    }
  },
})
