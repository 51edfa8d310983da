// Whoever keeps the registers: matters, the duty list, places.
import { expect, type Page, test } from './harness/index.ts'

async function search(page: Page, path: string, text: string): Promise<void> {
  await page.goto(path)
  await page.locator('#f-q').fill(text)
  await page.locator('#f-q').press('Enter')
  await page.waitForURL(/q=/)
}

test('a limit is changed from today on, and its old version stays', async ({ asRole, axe, shot, shown }) => {
  const keeper = await asRole('fangyi')
  await search(keeper, '/matters', '井盖')
  await shown(keeper, 'matters')
  await keeper.locator('main table a').first().click()
  const name = await keeper.getByRole('heading', { level: 1 }).innerText()
  await axe(keeper)
  await keeper.getByRole('link', { name: '修改', exact: true }).first().click()
  await keeper.locator('#f-handle').fill('0')
  await keeper.locator('#matter-form button.pri').click()
  await expect(keeper.locator('#matter-form .errors')).toBeVisible()
  await keeper.locator('#f-handle').fill('6')
  await keeper.locator('select[name="handle_u"]').selectOption({ label: '工作时' })
  await keeper.locator('#f-limit_source').fill('青禾街道诉求办理规程（2026）')
  await keeper.locator('#matter-form #f-reason').fill('本地标准')
  await shown(keeper, 'matter-edit')
  await keeper.locator('#matter-form button.pri').click()
  await expect(keeper.getByRole('heading', { level: 1, name })).toBeVisible()
  await expect(keeper.locator('main')).toContainText('6 工作时')
  await expect(keeper.locator('main')).toContainText('青禾街道诉求办理规程（2026）')
  await expect(keeper.locator('section', { hasText: '版本' }).last().locator('tbody tr')).toHaveCount(2)
  await shot(keeper, 'matter')
})

test('a row of the duty list is found by unit and changed from a day on', async ({ asRole, setClock, shown }) => {
  const keeper = await asRole('fangyi')
  await search(keeper, '/duty', '路灯')
  await expect(keeper.locator('main table').first()).toContainText('路灯')
  await keeper.goto('/duty')
  await keeper.locator('#f-unit').selectOption({ label: '市政服务中心' })
  await keeper.waitForURL(/unit=\d+/)
  await shown(keeper, 'duty')
  const rows = keeper.locator('section', { hasText: '清单原文' }).last()
  await rows.getByRole('link', { name: '修改' }).first().click()
  const matter = await keeper.locator('#f-matter').inputValue()
  await keeper.locator('#f-lead').selectOption({ label: '城建办' })
  await keeper.locator('#duty-form input[name="from"]').fill('2026-03-16')
  await keeper.locator('#f-basis').fill('街道办公会议定')
  await shown(keeper, 'duty-edit')
  await keeper.locator('#duty-form button.pri').click()
  await keeper.waitForURL(/\/duty$/)
  await search(keeper, '/duty', matter.replace('*', ''))
  await expect(keeper.locator('main')).not.toContainText('街道办公会议定')
  setClock('2026-03-16T09:30:00+08:00')
  const later = await asRole('fangyi')
  await search(later, '/duty', matter.replace('*', ''))
  await expect(later.locator('main')).toContainText('街道办公会议定')
  await expect(later.locator('main')).toContainText('城建办')
})

test('a place is changed with its reason, and its card is printed', async ({ asRole, axe, shot, shown }) => {
  const keeper = await asRole('fangyi')
  await keeper.goto('/places')
  await shown(keeper, 'places')
  await keeper.locator('main table').getByRole('link', { name: '柳溪社区' }).click()
  await expect(keeper.getByRole('heading', { level: 1, name: '柳溪社区' })).toBeVisible()
  await shown(keeper, 'place')
  await keeper.getByRole('link', { name: '修改', exact: true }).click()
  await keeper.locator('#f-aliases').fill('柳溪|柳溪村')
  await keeper.locator('#f-reason').fill('居民仍叫老村名')
  await axe(keeper)
  await keeper.getByRole('button', { name: '保存' }).click()
  await expect(keeper.locator('main')).toContainText('柳溪村')
  await expect(keeper.locator('main')).toContainText('居民仍叫老村名')

  await keeper.getByRole('link', { name: '二维码', exact: true }).click()
  await expect(keeper.locator('.qr-card svg')).toBeVisible()
  await axe(keeper)
  await keeper.emulateMedia({ media: 'print' })
  await expect(keeper.locator('.qr-card').first()).toContainText('柳溪社区')
  await expect(keeper.getByRole('button', { name: '打印' })).toBeHidden()
  await expect(keeper.locator('nav.nav')).toBeHidden()
  await shot(keeper, 'qr-print')
})

test('a map file is checked before anything is written', async ({ asRole, shown }) => {
  const keeper = await asRole('fangyi')
  const grid = (code: string, name: string) => ({
    type: 'Feature',
    properties: { code, parent: '999901001001', kind: 'grid', name },
    geometry: { type: 'Point', coordinates: [114.299, 30.104] },
  })
  const geojson = (...features: object[]) => ({
    name: '网格.geojson',
    mimeType: 'application/geo+json',
    buffer: Buffer.from(JSON.stringify({ type: 'FeatureCollection', features })),
  })
  await keeper.goto('/places')
  await keeper.getByRole('link', { name: '导入', exact: false }).first().click()
  await keeper.locator('input[type="file"]').setInputFiles(geojson(grid('999901001001051', '临时网格'), grid('888801001001052', '别处网格')))
  await keeper.locator('#f-crs').selectOption('cgcs2000')
  await keeper.getByRole('button', { name: '只检查' }).click()
  await expect(keeper.getByText('什么也没有写入')).toBeVisible()
  await expect(keeper.locator('main table tbody tr')).toHaveCount(1)
  await shown(keeper, 'map-errors')

  const good = geojson(grid('999901001001051', '临时网格'))
  await keeper.locator('input[type="file"]').setInputFiles(good)
  await keeper.locator('#f-crs').selectOption('cgcs2000')
  await keeper.getByRole('button', { name: '只检查' }).click()
  await expect(keeper.getByText(/检查通过：共 1 行，将新增 1/)).toBeVisible()
  await search(keeper, '/places', '临时网格')
  await expect(keeper.locator('main ul.plain')).toHaveCount(0)

  await keeper.goto('/places/import')
  await keeper.locator('input[type="file"]').setInputFiles(good)
  await keeper.locator('#f-crs').selectOption('cgcs2000')
  await keeper.getByRole('button', { name: '导入', exact: true }).click()
  await expect(keeper.getByText(/已导入：共 1 行，新增 1/)).toBeVisible()
  await search(keeper, '/places', '临时网格')
  await expect(keeper.locator('main ul.plain')).toContainText('临时网格')
})
