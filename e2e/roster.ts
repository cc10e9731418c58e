// A roster as an office's clerk would send it: 200 people, 12 of them wrong.
import writeExcelFile from 'write-excel-file/node'

/** The check digit of a made-up ID number (GB 11643). */
export function idNumber(birth: string, n: number): string {
  const first = `000000${birth}${String(n).padStart(3, '0')}`
  const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
  const sum = weights.reduce((s, w, i) => s + w * Number(first[i]), 0)
  return first + '10X98765432'[sum % 11]
}

export const GOOD = 188

/** The `n`-th of the good people. */
export const person = (n: number) => ({ name: `参保职工${n}`, id: idNumber(`19${String(70 + (n % 25))}0${1 + (n % 9)}15`, n) })

/** What is wrong, by row: name, number, birth, phone, employment. */
function faulty(): (string | number | null)[][] {
  const id = (n: number) => idNumber('19880808', 800 + n)
  return [
    ['', id(1), null, null, null],
    ['甲', null, null, null, null],
    ['乙', `${id(2).slice(0, 17)}${id(2)[17] === '1' ? '2' : '1'}`, null, null, null],
    ['丙', '000000880808123', null, null, null],
    ['丁', 142625196607196202, null, null, null],
    ['戊', id(3), '1988.8.9', null, null],
    ['己', id(4), '八月八日', null, null],
    ['庚', id(5), null, '12', null],
    ['辛', id(6), null, null, '退休'],
    ['壬', idNumber('20150101', 1), null, null, null],
    ['癸', idNumber('19400101', 1), null, null, null],
    ['重复', person(0).id, null, null, null],
  ]
}

/** The file: a merged title above the heading, and a column that nobody asked for. */
export async function roster(): Promise<Buffer> {
  const good = Array.from({ length: GOOD }, (_, n) => [person(n).name, person(n).id, null, `1390000${String(n).padStart(4, '0')}`, '在职', `工号${n}`])
  const title = [{ value: '2026 年度参保职工名册', columnSpan: 6 }, null, null, null, null, null]
  return writeExcelFile([title, ['姓名', '身份证号码', '出生日期', '手机号', '在职状态', '工号'], ...good, ...faulty()]).toBuffer()
}
