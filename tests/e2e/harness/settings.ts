// What the environment says about a run. `cargo xtask test` sets all of it; by hand nothing need be set.
import { join } from 'node:path'

/** Which database the offices of this run keep their data in. */
export const database: 'sqlite' | 'postgres' = readDatabase()

/** A server on which fresh databases may be made; needed for `postgres` only. */
export const serverUrl = process.env.TEST_PG_URL ?? ''

/** The program under test. */
export const binary =
  process.env.GEZHI_BIN ??
  join(process.env.CARGO_TARGET_DIR ?? join(import.meta.dirname, '../../../target'), 'debug/gezhi')

/** Pictures, logs and traces of this run. */
export const out = join(import.meta.dirname, '../out', database)

function readDatabase(): 'sqlite' | 'postgres' {
  const name = process.env.GEZHI_E2E_DATABASE ?? 'sqlite'
  if (name !== 'sqlite' && name !== 'postgres') throw new Error(`GEZHI_E2E_DATABASE=${name}: sqlite or postgres`)
  if (name === 'postgres' && !process.env.TEST_PG_URL) throw new Error('journeys on postgres need TEST_PG_URL')
  return name
}
