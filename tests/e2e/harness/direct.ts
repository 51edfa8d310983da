// Acts of others that a journey is not about: the forms of the pages, sent with the person's own session.
import { type Page, expect } from './index.ts'
import { picture } from './picture.ts'

let made = 0

/** Does an action of a case as its form would; with a picture where one is given. */
export async function send(staff: Page, id: string, action: string, fields: Record<string, string> = {}, photo = false): Promise<void> {
  const csrf = await staff.locator('input[name=csrf]').first().getAttribute('value')
  made += 1
  const answer = await staff.request.post(`/cases/${id}/act/${action}`, {
    headers: { origin: new URL(staff.url()).origin },
    maxRedirects: 0,
    multipart: {
      csrf: csrf ?? '',
      idem: `0190-direct-${action.replaceAll('_', '-')}-${id}-${made}`,
      ...fields,
      ...(photo ? { photos: { name: 'IMG_0312.png', mimeType: 'image/png', buffer: picture(90) } } : {}),
    },
  })
  const why = /role="alert"[^]*?<\/div>/.exec(await answer.text())?.[0] ?? ''
  expect(answer.status(), `${action} of ${id}: ${why}`).toBeLessThan(400)
}

/** What the API tells of something, read with the person's own session. */
export async function ask<T>(staff: Page, path: string): Promise<T> {
  const answer = await staff.request.get(`/api/v1/${path}`)
  expect(answer.status(), path).toBe(200)
  return (await answer.json()) as T
}

interface Parts {
  state: string
  assignments: { id: string; unit: string; role: string; state: string }[]
}

/** Everything from acceptance to the end of the check, done by those whose part it is; the desk enters for the units. */
export async function carryOut(desk: Page, verifier: Page, id: string, matter: string, unit: string): Promise<void> {
  if ((await ask<Parts>(desk, `cases/${id}`)).state === 'received') {
    await send(desk, id, 'accept', { matter, subject: 'none' })
    await send(desk, id, 'dispatch', { lead: unit })
  }
  const { assignments } = await ask<Parts>(desk, `cases/${id}`)
  // Helpers first: the leading unit finishes last.
  for (const part of assignments.filter((a) => a.state === 'sent').sort((a, b) => a.role.localeCompare(b.role))) {
    const behalf = { behalf: part.unit, via: 'group', assignment: part.id }
    await send(desk, id, 'sign', behalf)
    const done = part.role === 'lead' ? 'finish' : 'finish_co'
    await send(desk, id, done, { ...behalf, note: '已处理完毕，现场恢复。' }, true)
  }
  if ((await ask<Parts>(desk, `cases/${id}`)).state === 'checking') await send(verifier, id, 'pass', { note: '' })
}
