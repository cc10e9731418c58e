// Starts a server with a demonstration of its own, and stops it and forgets its data afterwards.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

export default async function start(): Promise<() => Promise<void>> {
  const data = mkdtempSync(join(tmpdir(), 'huzhu-e2e-'))
  const program = join(process.env.CARGO_TARGET_DIR ?? new URL('../target', import.meta.url).pathname, 'debug/huzhu')
  const server = spawn(program, ['demo', '--data-dir', data, '--listen', '127.0.0.1:0'], { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, HUZHU_LOG: 'warn' } })
  const url = await new Promise<string>((found, failed) => {
    createInterface({ input: server.stdout }).on('line', (line) => line.startsWith('http://') && found(line))
    server.once('exit', (code) => failed(new Error(`the server stopped with ${code}`)))
  })
  process.env.HUZHU_URL = url
  // For stories that use the command line beside the running server.
  Object.assign(process.env, { HUZHU_PROGRAM: program, HUZHU_E2E_DATA: data })
  return async () => {
    const gone = new Promise((done) => server.once('exit', done))
    server.kill('SIGTERM')
    await gone
    rmSync(data, { recursive: true, force: true })
  }
}
