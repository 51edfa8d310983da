// One running demo office: its own process, data and clock.
import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { createWriteStream, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import pg from 'pg'
import { binary, database, out, serverUrl } from './settings.ts'

/** Making a demo office in a debug build may take this long (milliseconds). */
export const startPatience = 300_000
const stopPatience = 10_000

// A worker that is ended from outside must not leave its offices behind.
const running = new Set<ChildProcess>()
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')))

/** The small demo office, the one with a year of about 2,600 cases, or a program in which no office was made yet. */
export type OfficeKind = 'small' | 'year' | 'none'

export class Office {
  private constructor(
    /** Where it listens, such as `http://127.0.0.1:40123`. */
    readonly url: string,
    private readonly process: ChildProcess,
    private readonly folder: string,
    private readonly dropDatabase: () => Promise<void>,
  ) {}

  /**
   * Makes and starts an office whose clock stands at `clock` (RFC 3339 with a zone). `name` is for its log.
   */
  static async start(name: string, clock: string, kind: OfficeKind = 'small'): Promise<Office> {
    const folder = mkdtempSync(join(tmpdir(), 'gezhi-e2e-'))
    setClockFile(folder, clock)
    const fresh = database === 'postgres' ? await freshDatabase() : undefined
    const args = [kind === 'none' ? 'serve' : 'demo', '--listen', '127.0.0.1:0', '--data', join(folder, 'data')]
    if (kind === 'small') args.push('--small')
    if (fresh) args.push('--database-url', fresh.url)
    const child = spawn(binary, args, {
      cwd: folder,
      env: { ...bareEnvironment(), GEZHI_TEST_CLOCK: clockFile(folder) },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    running.add(child)
    child.once('close', () => running.delete(child))
    try {
      const url = await listening(child, name)
      return new Office(url, child, folder, fresh?.drop ?? (async () => {}))
    } catch (error) {
      child.kill('SIGKILL')
      await fresh?.drop()
      rmSync(folder, { recursive: true, force: true })
      throw error
    }
  }

  /** Moves the office's clock; it stands there until it is moved again. */
  setClock(instant: string): void {
    setClockFile(this.folder, instant)
  }

  /** Stops the office and removes its data (kept with GEZHI_E2E_KEEP=1). */
  async stop(): Promise<void> {
    if (this.process.exitCode === null && this.process.signalCode === null) {
      const ended = new Promise((resolve) => this.process.once('exit', resolve))
      this.process.kill('SIGTERM')
      const late = setTimeout(() => this.process.kill('SIGKILL'), stopPatience)
      await ended
      clearTimeout(late)
    }
    if (process.env.GEZHI_E2E_KEEP) {
      console.log(`kept ${this.folder}`)
      return
    }
    await this.dropDatabase()
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/** Settings of the person who runs the tests must not reach the office. */
function bareEnvironment(): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('GEZHI_') && name !== 'TEST_PG_URL')
  return Object.fromEntries(own)
}

function clockFile(folder: string): string {
  return join(folder, 'clock')
}

function setClockFile(folder: string, instant: string): void {
  if (!/(Z|[+-]\d\d:\d\d)$/.test(instant) || Number.isNaN(Date.parse(instant))) {
    throw new Error(`${instant} is no instant with a zone, such as 2026-03-12T09:30:00+08:00`)
  }
  // Renamed into place, so that the office never reads half an instant.
  const next = `${clockFile(folder)}.next`
  writeFileSync(next, instant)
  renameSync(next, clockFile(folder))
}

/** Waits for the line that names the address; everything printed goes to a log in out/. */
function listening(child: ChildProcess, name: string): Promise<string> {
  mkdirSync(join(out, 'logs'), { recursive: true })
  const file = join(out, 'logs', `${name}.log`)
  const log = createWriteStream(file)
  const last: string[] = []
  return new Promise((resolve, reject) => {
    const fail = (why: string) => {
      clearTimeout(late)
      reject(new Error(`the office ${why}; its last words (all of them in ${file}):\n${last.slice(-15).join('\n')}`))
    }
    const late = setTimeout(() => fail(`was not ready in ${startPatience / 1000} s`), startPatience)
    child.once('error', (error) => fail(`could not be started: ${error.message}`))
    child.once('close', (code, signal) => fail(`ended with ${code ?? signal} before it listened`))
    for (const stream of [child.stdout, child.stderr]) {
      if (!stream) continue
      createInterface({ input: stream }).on('line', (line) => {
        log.write(`${line}\n`)
        last.push(line)
        const address = /listening on (http:\/\/\S+?)\/?$/.exec(line)?.[1]
        if (address) {
          clearTimeout(late)
          resolve(address)
        }
      })
    }
  })
}

/** A database of its own on the test server. */
async function freshDatabase(): Promise<{ url: string; drop: () => Promise<void> }> {
  const name = `e2e_${randomBytes(6).toString('hex')}`
  await onServer(`create database ${name}`)
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  return { url: url.href, drop: () => onServer(`drop database ${name} with (force)`) }
}

async function onServer(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: serverUrl })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
