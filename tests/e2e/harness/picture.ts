// Pictures made here, so that no journey needs a file.
import { crc32, deflateSync } from 'node:zlib'

/** A PNG of its own: a coloured square with stripes. */
export function picture(shade: number, size = 320): Buffer {
  const rows = Buffer.alloc(size * (1 + size * 3))
  for (let y = 0; y < size; y += 1) {
    for (let x = 0; x < size; x += 1) {
      const at = y * (1 + size * 3) + 1 + x * 3
      const stripe = (x + y + shade) % 64 < 24
      rows.set(stripe ? [shade, 90, 80] : [200, 205, 210], at)
    }
  }
  const head = Buffer.alloc(13)
  head.writeUInt32BE(size, 0)
  head.writeUInt32BE(size, 4)
  head.set([8, 2, 0, 0, 0], 8)
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  return Buffer.concat([signature, chunk('IHDR', head), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))])
}

function chunk(name: string, body: Buffer): Buffer {
  const inner = Buffer.concat([Buffer.from(name, 'latin1'), body])
  const out = Buffer.alloc(inner.length + 8)
  out.writeUInt32BE(body.length, 0)
  inner.copy(out, 4)
  out.writeUInt32BE(crc32(inner), inner.length + 4)
  return out
}
