// Workbooks made here, so that no journey needs a file: one sheet of texts and numbers, as platforms export them. And those
// that an office hands out, read.
import { crc32, inflateRawSync } from 'node:zlib'

/** The bytes of an .xlsx with these rows; a number is kept as a number, which is how a spreadsheet spoils a long one. */
export function workbook(rows: (string | number)[][]): Buffer {
  const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
  const cell = (value: string | number) =>
    typeof value === 'number' ? `<c><v>${value}</v></c>` : `<c t="inlineStr"><is><t xml:space="preserve">${escaped(value)}</t></is></c>`
  const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main'
  const office = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
  const kept = 'http://schemas.openxmlformats.org/package/2006'
  const sheet = 'application/vnd.openxmlformats-officedocument.spreadsheetml'
  return zip({
    '[Content_Types].xml': `<Types xmlns="${kept}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="${sheet}.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="${sheet}.worksheet+xml"/></Types>`,
    '_rels/.rels': `<Relationships xmlns="${kept}/relationships"><Relationship Id="r1" Type="${office}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
    'xl/workbook.xml': `<workbook xmlns="${main}" xmlns:r="${office}"><sheets><sheet name="工单" sheetId="1" r:id="r1"/></sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': `<Relationships xmlns="${kept}/relationships"><Relationship Id="r1" Type="${office}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`,
    'xl/worksheets/sheet1.xml': `<worksheet xmlns="${main}"><sheetData>${rows.map((row) => `<row>${row.map(cell).join('')}</row>`).join('')}</sheetData></worksheet>`,
  })
}

/** A zip file whose parts are stored as they are. */
function zip(parts: Record<string, string>): Buffer {
  const bodies: Buffer[] = []
  const heads: Buffer[] = []
  let at = 0
  for (const [path, text] of Object.entries(parts)) {
    const [name, body] = [Buffer.from(path), Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>${text}`)]
    const common = Buffer.alloc(26)
    common.writeUInt16LE(20, 0)
    common.writeUInt32LE(crc32(body), 10)
    common.writeUInt32LE(body.length, 14)
    common.writeUInt32LE(body.length, 18)
    common.writeUInt16LE(name.length, 22)
    const rest = Buffer.alloc(14)
    rest.writeUInt32LE(at, 10)
    bodies.push(Buffer.from('PK\x03\x04', 'latin1'), common, name, body)
    heads.push(Buffer.from('PK\x01\x02\x14\x00', 'latin1'), common, rest, name)
    at += 30 + name.length + body.length
  }
  const directory = Buffer.concat(heads)
  const end = Buffer.alloc(18)
  end.writeUInt16LE(Object.keys(parts).length, 4)
  end.writeUInt16LE(Object.keys(parts).length, 6)
  end.writeUInt32LE(directory.length, 8)
  end.writeUInt32LE(at, 12)
  return Buffer.concat([...bodies, directory, Buffer.from('PK\x05\x06', 'latin1'), end])
}

/** What the cells of an .xlsx say: its sheets and their texts, without the dates of the file itself. */
export function cellsOf(file: Buffer): string {
  let at = file.readUInt32LE(file.lastIndexOf('PK\x05\x06', undefined, 'latin1') + 16)
  let out = ''
  while (file.readUInt32LE(at) === 0x02014b50) {
    const [packed, name, extra, note, from] = [file.readUInt32LE(at + 20), ...[28, 30, 32].map((i) => file.readUInt16LE(at + i)), file.readUInt32LE(at + 42)] as [number, number, number, number, number]
    const path = file.toString('utf8', at + 46, at + 46 + name)
    if (/^xl\/(worksheets|sharedStrings)/.test(path)) {
      const body = from + 30 + file.readUInt16LE(from + 26) + file.readUInt16LE(from + 28)
      out += inflateRawSync(file.subarray(body, body + packed)).toString()
    }
    at += 46 + name + extra + note
  }
  return out
}
