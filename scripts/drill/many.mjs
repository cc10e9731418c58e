// See scripts/drill-many.sh.
import { mkdtempSync, mkdirSync, readFileSync, writeFileSync, chmodSync, rmSync } from 'node:fs'
import {
  FIRST_DAY, LAST_DAY, Person, bucket, claims, day, figures, freePort, over, percentile, png, program, run, seconds, sha256, start,
} from './common.mjs'

const clients = Number(process.env.CLIENTS ?? 12)
const lasts = Number(process.env.SECONDS_OF_LOAD ?? 25)
const folder = mkdtempSync('/tmp/huzhu-many.')
chmodSync(folder, 0o755)

function assert(holds, what) {
  if (!holds) throw new Error(`doesn't hold: ${what}`)
}

async function servers(database) {
  mkdirSync(`${folder}/bucket`)
  const s3 = await start(bucket, [`${folder}/bucket`])
  const [, id, ...secret] = s3.said.trim().split(' ')
  const env = {
    HUZHU_DATABASE_URL: database,
    HUZHU_KEY_FILE: `${folder}/huzhu.key`,
    HUZHU_BLOB_URL: 's3://huzhu/pictures',
    HUZHU_BLOB_ENDPOINT: s3.url,
    HUZHU_BLOB_REGION: 'cn-north-1',
    HUZHU_BLOB_KEY_ID: id,
    HUZHU_BLOB_SECRET: secret.join(' '),
    HUZHU_RATE_LIMITS: 'false',
    HUZHU_PROXY_HOPS: '1',
    HUZHU_LOG: 'warn',
  }
  const begin = async n => start(program, ['demo', '--data-dir', `${folder}/data${n}`, '--listen', `127.0.0.1:${ports[n]}`], env)
  const ports = [await freePort(), await freePort(), await freePort()]
  // The first brings the schema up to date and fills the demonstration.
  const all = [await begin(0)]
  all.push(...(await Promise.all([begin(1), begin(2)])))
  return { all, begin, env, ports }
}

/** The product's own settings for several servers, without TLS and at ports of this drill. */
async function proxy(ports) {
  const port = await freePort()
  let servers = 0
  const site = readFileSync('deploy/nginx-many.conf', 'utf8')
    .replace(/^ *#.*\n/gm, '')
    .replace(/listen 443 ssl http2;/, `listen 127.0.0.1:${port};`)
    .replace(/^ *ssl_.*\n/gm, '')
    .replace(/10\.0\.0\.\d+:8080/g, () => `127.0.0.1:${ports[servers++]}`)
  assert(servers === 3 && !site.includes('443'), 'deploy/nginx-many.conf is as this drill expects')
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(t => `${t}_temp_path ${folder}/nginx-${t};`).join('\n')
  writeFileSync(
    `${folder}/nginx.conf`,
    `worker_processes 2;\nerror_log ${folder}/nginx.log;\npid ${folder}/nginx.pid;\nevents { worker_connections 1024; }\n` +
      `http {\naccess_log off;\n${temporary}\n${site}\n}\n`,
  )
  await start('nginx', ['-p', folder, '-c', `${folder}/nginx.conf`, '-g', 'daemon off;'], {}, /(?:)/)
  const url = `http://127.0.0.1:${port}`
  for (let n = 0; n < 50; n++) {
    if (await fetch(`${url}/readyz`).then(a => a.ok, () => false)) return url
    await seconds(0.1)
  }
  throw new Error(`nginx doesn't answer: ${readFileSync(`${folder}/nginx.log`)}`)
}

const known = { cases: new Map(), pictures: [], held: [], races: 0, racesUnclear: 0, exports: 0 }
let nextDay = FIRST_DAY
let nextPicture = 1

/** One list sent twice at the same time under one key: one answer. Gives the two cases. */
async function accept(unit, incident, key) {
  const rows = await claims(unit, incident, ['disease_inpatient', 'critical_illness'])
  if (rows.length !== 2) return []
  const asked = ['POST', '/api/acceptance/cases', { json: { rows }, headers: { 'idempotency-key': key } }]
  const answers = await Promise.all([unit.must(201, ...asked), unit.must(201, ...asked)])
  assert(answers[0].text() === answers[1].text(), `one answer to one key: ${answers.map(a => a.text())}`)
  const { cases } = answers[0].json()
  for (const made of cases) known.cases.set(made.id, made)
  return cases
}

/** Of four who take a case at once exactly one gets it. */
async function race(people, id) {
  const take = ['POST', `/api/cases/${id}/take`, { json: { version: 1 } }]
  const answers = await Promise.all([...people, ...people].map(person => person.ask(...take)))
  const won = answers.flatMap((answer, n) => (answer.status === 200 ? [n % 2] : []))
  const again = answers.some(answer => answer.tried > 0)
  known.races += 1
  if (again) known.racesUnclear += 1
  assert(answers.every(a => [200, 409, 422].includes(a.status)), `a race: ${answers.map(a => `${a.status} ${a.text().slice(0, 90)}`)}`)
  // Whose answer was lost hears at the second try that they have it already.
  assert(won.length === 1 || (again && won.length === 0), `one gets it: ${answers.map(a => a.status)}`)
  if (won.length === 1) known.held.push([id, people[won[0]].name])
}

async function work(unit, handler, until) {
  while (Date.now() < until) {
    assert(nextDay <= LAST_DAY, 'days enough: choose fewer SECONDS_OF_LOAD')
    const incident = day(nextDay++)
    const [claimed, raced] = await accept(unit, incident, `drill-${incident}`)
    if (!claimed) continue
    // Whichever server is asked next knows of it.
    await handler.must(200, 'GET', `/api/cases/${claimed.id}`)
    const picture = png(nextPicture++)
    const file = (await unit.upload(claimed.id, 'settlement', picture)).json()
    known.pictures.push([claimed.id, file.id, sha256(picture)])
    await race([unit, handler], raced.id)
    await handler.must(200, 'GET', '/api/todo')
    if (nextDay % 5 === 0) {
      const file = await handler.must(200, 'POST', '/api/inquiry/cases/export', { json: { stage: 'materials' } })
      assert(file.bytes.subarray(0, 2).toString() === 'PK', 'an export is an Excel file')
      known.exports += 1
    }
  }
}

/** What was acknowledged is there, once; and every server counts the same. */
async function check(people, ports, env, before) {
  const [unit, handler] = people
  const nos = [...known.cases.values()].map(made => made.no)
  assert(new Set(nos).size === nos.length, 'no case number twice')
  for (const [id, made] of known.cases) {
    const seen = (await handler.must(200, 'GET', `/api/cases/${id}`)).json()
    assert(seen.no === made.no, `case ${id}`)
  }
  const names = {}
  for (const person of people) names[person.name] = (await person.must(200, 'GET', '/api/session')).json().user.name
  for (const [id, name] of known.held) {
    const seen = (await handler.must(200, 'GET', `/api/cases/${id}`)).json()
    assert(seen.holder?.name === names[name], `case ${id} was given to ${name}`)
  }
  for (const [id, file, digest] of known.pictures) {
    const answer = await unit.must(200, 'GET', `/api/cases/${id}/materials/${file}/content`)
    assert(sha256(answer.bytes) === digest, `picture ${file} of case ${id}`)
  }
  for (const person of people) {
    const counts = []
    for (const port of ports) counts.push((await person.at(`http://127.0.0.1:${port}`).must(200, 'GET', '/api/pools/counts')).text())
    assert(new Set(counts).size === 1, `servers count the same: ${counts}`)
  }
  const doctor = await examined(env)
  assert(doctor.cases - before.cases === known.cases.size, `no case but those of a key: ${before.cases} + ${known.cases.size} and ${doctor.cases}`)
  await run(program, ['audit', 'verify', '--data-dir', `${folder}/data0`], env)
  return doctor
}

const examined = async env => JSON.parse(await run(program, ['doctor', '--data-dir', `${folder}/data0`], env))

async function sessionAcrossServers(ports) {
  const here = await new Person(`http://127.0.0.1:${ports[0]}`, 'review').signIn()
  const there = here.at(`http://127.0.0.1:${ports[2]}`)
  await there.must(200, 'GET', '/api/todo')
  await there.must(204, 'DELETE', '/api/session')
  await here.must(401, 'GET', '/api/todo')
}

async function drill() {
  const { all, begin, env, ports } = await servers(process.env.HUZHU_TEST_DATABASE_URL)
  const url = await proxy(ports)
  await sessionAcrossServers(ports)
  const before = await examined(env)
  const pairs = await Promise.all(
    Array.from({ length: clients }, () => Promise.all([new Person(url, 'unit').signIn(), new Person(url, 'handler').signIn()])),
  )
  Object.assign(figures, { asked: 0, took: [], retried: 0, statuses: {} })
  const began = Date.now()
  const working = Promise.all(pairs.map(([unit, handler]) => work(unit, handler, began + lasts * 1000)))
  const killing = (async () => {
    await seconds(lasts / 3)
    all[1].kill('SIGKILL')
    await all[1].ended
    const before = known.cases.size
    await seconds(lasts / 5)
    const meanwhile = known.cases.size - before
    all[1] = await begin(1)
    return { meanwhile, back: ((Date.now() - began) / 1000).toFixed(1) }
  })()
  await working
  const { meanwhile, back } = await killing
  const took = (Date.now() - began) / 1000
  const { took: times, asked, retried, statuses } = structuredClone(figures)
  const doctor = await check([pairs[0][0], pairs[0][1]], ports, env, before)
  const found = pairs.flat()
  console.log(`${found.length} people through nginx to 3 servers, ${took.toFixed(1)} s of load; one killed at ${(lasts / 3).toFixed(1)} s, back at ${back} s`)
  console.log(`requests: ${asked}, ${(asked / took).toFixed(0)} a second; median ${percentile(times, 0.5).toFixed(0)} ms, 95% ${percentile(times, 0.95).toFixed(0)} ms, longest ${Math.max(...times).toFixed(0)} ms; ${JSON.stringify(statuses)}`)
  console.log(`asked again: ${retried} requests of ${found.filter(p => p.retries > 0).length} people, at most ${Math.max(...found.map(p => p.retries))} of one (who asks two things at once), each once`)
  console.log(`acknowledged and there: ${known.cases.size} cases (${meanwhile} while one server was away), ${known.pictures.length} pictures, ${known.exports} exports`)
  console.log(`races for a case: ${known.races}, each with one winner; in ${known.racesUnclear} an answer was lost and asked for again`)
  console.log(`doctor: well, ${doctor.cases} cases, ${doctor.files} files; audit verify: clean`)
  assert(found.every(person => person.worst <= 1), 'at most one more try for a request')
}

try {
  await drill()
} finally {
  await over()
  rmSync(folder, { recursive: true })
}
