// Tickets from above: a workbook is dropped on the board, one spoilt number is named by its cell, the rest become
// cases; what is done is copied back field by field; what comes back is handled once more and counted.
import { type Page, at, day, expect, test } from './harness/index.ts'
import { accept, dispatch, figure, finish, pass, sign } from './harness/round.ts'
import { workbook } from './harness/workbook.ts'

const clutter = { words: '乱堆杂物', code: '06036' }
const number = '202603160001234567'
const header = ['工单编号', '诉求内容', '来电人', '联系电话', '事发地址', '处置截止时间', '工单状态']
const first = [number, '柳溪社区北门堆了一堆旧家具，三天没人清。', '李女士', '19900002041', '柳溪社区北门', '2026-03-20 17:30', '处理中']

/** Drops a file on the page, as a mouse does. */
async function drop(page: Page, name: string, bytes: Buffer): Promise<void> {
  const arrived = page.waitForEvent('domcontentloaded')
  await page.evaluate(
    ({ name, base64 }) => {
      const data = new DataTransfer()
      const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))
      data.items.add(new File([bytes], name))
      for (const kind of ['dragenter', 'dragover', 'drop']) {
        document.dispatchEvent(new DragEvent(kind, { dataTransfer: data, bubbles: true, cancelable: true }))
      }
    },
    { name, base64: bytes.toString('base64') },
  )
  await arrived
}

/** Pastes rows where nobody types. */
async function paste(page: Page, rows: (string | number)[][]): Promise<void> {
  const arrived = page.waitForEvent('domcontentloaded')
  await page.evaluate((text) => {
    const data = new DataTransfer()
    data.setData('text/plain', text)
    document.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }))
  }, rows.map((row) => row.join('\t')).join('\n'))
  await arrived
}

test('a workbook from above becomes cases, is written back, and what comes back is handled again', async ({ asRole, setClock, shown }) => {
  setClock(at('09:00'))
  const desk = await asRole('linlan')
  await desk.goto('/board')
  await drop(desk, '工单导出.xlsx', workbook([['静澜区工单导出'], header, first, [4.40305e17, '井盖破了', '', '', '', '', '处理中']]))
  await expect(desk.locator('h1')).toHaveText('预览')
  await expect(desk.locator('.sub').first()).toContainText('新件 1')
  const wrong = desk.getByRole('row').filter({ hasText: 'A4' })
  await expect(wrong).toContainText('末尾的数字已经丢失')
  await shown(desk, '01-preview')
  await desk.getByRole('button', { name: '导入 1 件' }).click()
  await expect(desk.locator('h1')).toHaveText('导入完成')
  await shown(desk, '02-taken')
  const no = (await desk.getByRole('link', { name: /^青禾-/ }).innerText()).trim()

  // The same rows pasted: nothing is doubled, the difference is shown.
  await desk.goto('/board')
  await paste(desk, [header, [...first.slice(0, 5), '2026-03-19 12:00', '处理中']])
  await expect(desk.getByRole('row').filter({ hasText: number })).toContainText(/上级时限由 .+ 改为 .+12:00/)
  await desk.getByRole('button', { name: '导入 1 件' }).click()
  await expect(desk.locator('.sub').first()).toContainText('新建 0 件，更新 1 件')

  await accept(await asRole('zhoumin'), no, clutter)
  await dispatch(desk, no)
  await test.step('the unit finishes it', async () => {
    const unit = await asRole('wangxiulan')
    await sign(unit, no)
    await finish(unit, no, '已清运旧家具并冲洗地面。')
  })
  await pass(await asRole('shenyu'), no)

  await desk.goto('/upstream/replies')
  await shown(desk, '03-replies')
  await desk.getByRole('link', { name: number }).click()
  await expect(desk.getByText('已清运旧家具')).toBeVisible()
  await expect(desk.getByRole('button', { name: '复制办理结果' })).toHaveAttribute('data-copy', /已清运旧家具/)
  const bundle = desk.waitForEvent('download')
  await desk.getByRole('link', { name: '打包下载' }).click()
  expect((await bundle).suggestedFilename()).toBe(`${number}.zip`)
  await shown(desk, '04-reply')
  await desk.getByLabel('回执编号').fill('HT-2026-88')
  await desk.getByRole('button', { name: '已回填' }).click()
  await expect(desk.locator('.notice.ok')).toContainText('已记为回填')
  await expect(desk.getByRole('link', { name: number })).toHaveCount(0)

  const before = await figure(desk, 'demand.received', day)
  await desk.goto('/board')
  await paste(desk, [header, [...first.slice(0, 5), '2026-03-23', '不满意重办']])
  await expect(desk.getByRole('row').filter({ hasText: number })).toContainText('退回重办（第 2 次办理）')
  await desk.getByRole('button', { name: '导入 1 件' }).click()
  await desk.getByRole('link', { name: no }).click()
  await expect(desk.locator('.case-no')).toContainText('待签收')
  expect((await figure(desk, 'demand.received', day)).value, 'it is the same report').toBe(before.value)
})
