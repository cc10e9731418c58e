// See scripts/drill-standby.sh.
import { mkdtempSync, rmSync } from 'node:fs'
import { FIRST_DAY, LAST_DAY, Person, claims, day, figures, freePort, over, percentile, program, run, seconds, start } from './common.mjs'

const clients = Number(process.env.CLIENTS ?? 6)
const folder = mkdtempSync('/tmp/huzhu-standby-data.')
const known = { cases: new Map(), taken: [] }
const moments = { acknowledged: [] }
let nextDay = FIRST_DAY

function assert(holds, what) {
  if (!holds) throw new Error(`doesn't hold: ${what}`)
}

/** Asks until it is answered: for as long as the database is away somebody is told to try again. */
async function patiently(person, expected, ...asked) {
  const answer = await person.ask(...asked, 300, 0.2)
  assert(expected.includes(answer.status), `${asked[1]}: ${answer.status} ${answer.text().slice(0, 300)}`)
  if (asked[0] === 'POST' && answer.status < 300) moments.acknowledged.push(Date.now())
  return answer
}

async function work(unit, until) {
  while (Date.now() < until() && nextDay <= LAST_DAY) {
    const incident = day(nextDay++)
    const rows = await claimsPatiently(unit, incident)
    const asked = ['POST', '/api/acceptance/cases', { json: { rows }, headers: { 'idempotency-key': `drill-${incident}` } }]
    const [made] = (await patiently(unit, [201], ...asked)).json().cases
    known.cases.set(made.id, made.no)
    // 422: the answer to the first try was lost, and they have it.
    await patiently(unit, [200, 422], 'POST', `/api/cases/${made.id}/take`, { json: { version: 1 } })
    known.taken.push(made.id)
  }
}

async function claimsPatiently(unit, incident) {
  for (let tried = 0; ; tried++) {
    try {
      return await claims(unit, incident, ['critical_illness'])
    } catch (error) {
      if (tried > 300) throw error
      await seconds(0.2)
    }
  }
}

async function drill() {
  const args = ['demo', '--data-dir', folder, '--listen', `127.0.0.1:${await freePort()}`]
  const server = await start(program, args, { HUZHU_RATE_LIMITS: 'false', HUZHU_LOG: 'off' })
  const people = await Promise.all(Array.from({ length: clients }, () => new Person(server.url, 'unit').signIn()))
  Object.assign(figures, { asked: 0, took: [], retried: 0, statuses: {} })
  const began = Date.now()
  let end = Infinity
  const working = Promise.all(people.map(unit => work(unit, () => end)))
  await seconds(8)
  const before = known.cases.size
  const killed = Date.now()
  await run('sh', ['-c', process.env.KILL])
  // As long as somebody, or what watches the database, needs to decide.
  await seconds(3)
  const away = await fetch(`${server.url}/readyz`).then(answer => answer.status)
  const promoting = Date.now()
  await run('sh', ['-c', process.env.PROMOTE])
  const promoted = Date.now()
  const promotion = ((promoted - promoting) / 1000).toFixed(1)
  while (!moments.acknowledged.some(at => at > promoted)) await seconds(0.05)
  const first = moments.acknowledged.find(at => at > promoted)
  await seconds(8)
  end = 0
  await working
  const took = (Date.now() - began) / 1000
  for (const [id, no] of known.cases) {
    const seen = (await people[0].must(200, 'GET', `/api/cases/${id}`)).json()
    assert(seen.no === no, `case ${id}`)
    if (known.taken.includes(id)) assert(seen.holder, `case ${id} was taken`)
  }
  const doctor = JSON.parse(await run(program, ['doctor', '--data-dir', folder]))
  await run(program, ['audit', 'verify', '--data-dir', folder])
  console.log(`${clients} people, ${took.toFixed(1)} s; primary killed at ${((killed - began) / 1000).toFixed(1)} s, standby promoted 3 s later in ${promotion} s; meanwhile /readyz ${away}`)
  console.log(`first write acknowledged ${((first - promoted) / 1000).toFixed(1)} s after the promotion, ${((first - killed) / 1000).toFixed(1)} s after the kill`)
  console.log(`requests: ${figures.asked}; median ${percentile(figures.took, 0.5).toFixed(0)} ms, 95% ${percentile(figures.took, 0.95).toFixed(0)} ms, longest ${Math.max(...figures.took).toFixed(0)} ms; ${JSON.stringify(figures.statuses)}`)
  console.log(`acknowledged and there: ${known.cases.size} cases (${before} before the kill), ${known.taken.length} taken; doctor: well, ${doctor.cases} cases; audit verify: clean`)
}

try {
  await drill()
} finally {
  await over()
  rmSync(folder, { recursive: true })
}
