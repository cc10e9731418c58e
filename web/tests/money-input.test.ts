import { mount } from '@vue/test-utils'
import { ElInput } from 'element-plus'
import { expect, test } from 'vitest'
import MoneyInput from '@/ui/MoneyInput.vue'

function field(fen: number | null) {
  return mount(MoneyInput, { props: { modelValue: fen, label: '金额' }, global: { components: { ElInput } } })
}

test('what is typed becomes fen and is shown with separators when one leaves', async () => {
  const input = field(null)
  await input.get('input').trigger('focus')
  await input.get('input').setValue('6566')
  expect(input.emitted('update:modelValue')?.at(-1)).toEqual([656_600])
  await input.setProps({ modelValue: 656_600 })
  await input.get('input').trigger('blur')
  expect(input.get('input').element.value).toBe('6,566.00')
})

test('what is no amount stays on the screen, marked, and isn’t kept', async () => {
  const input = field(100)
  await input.get('input').setValue('1.005')
  expect(input.emitted('update:modelValue')).toBeUndefined()
  expect(input.emitted('fault')?.at(-1)).toEqual(['amount_format'])
  expect(input.get('input').element.value).toBe('1.005')
})
