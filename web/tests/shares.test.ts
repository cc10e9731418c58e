import { mount } from '@vue/test-utils'
import { ElInput } from 'element-plus'
import { expect, test } from 'vitest'
import ShareInput from '@/case/ShareInput.vue'
import { changeText } from '@/ui/format'
import { evenShares, parseShare, shareText, splitFen } from '@/ui/shares'

test('a share is read and shown without floats', () => {
  expect(['33.33', '33.3 %', '100', '0.01', '60％', '６０．５'].map(parseShare)).toEqual([3333, 3330, 10_000, 1, 6000, 6050])
  expect(['', '100.01', '-1', '33.333', 'abc'].map(parseShare)).toEqual([null, null, null, null, null])
  expect([shareText(3333), shareText(5), shareText(10_000)]).toEqual(['33.33', '0.05', '100.00'])
})

test('what is no share stays on the screen, marked, and isn’t kept', async () => {
  const input = mount(ShareInput, { props: { modelValue: 10_000, label: '份额' }, global: { components: { ElInput } } })
  await input.get('input').trigger('focus')
  await input.get('input').setValue('33.333')
  expect(input.emitted('update:modelValue')).toBeUndefined()
  expect(input.emitted('fault')?.at(-1)).toEqual([true])
  await input.get('input').setValue('40')
  await input.setProps({ modelValue: 4000 })
  await input.get('input').trigger('blur')
  expect(input.emitted('update:modelValue')?.at(-1)).toEqual([4000])
  expect(input.emitted('fault')?.at(-1)).toEqual([false])
  expect(input.get('input').element.value).toBe('40.00')
})

test('equal shares come to the whole', () => {
  expect(evenShares(3)).toEqual([3334, 3333, 3333])
  expect(evenShares(7).reduce((a, b) => a + b, 0)).toBe(10_000)
})

test('an amount is split as the server splits it, to the fen', () => {
  expect(splitFen(100, [3333, 3333, 3334])).toEqual([33, 33, 34])
  expect(splitFen(101, [5000, 5000])).toEqual([51, 50])
  expect(splitFen(6_000_000, [3333, 6667])).toEqual([1_999_800, 4_000_200])
})

test('a change is shown exactly with its sign, nothing for nothing', () => {
  expect(['9533.01', '-1533.01', '0', '0.00', '1733.835', '-0.5'].map(changeText)).toEqual(['+9,533.01', '−1,533.01', '', '', '+1,733.835', '−0.50'])
})
