// The parts that every chart has in common, in the design tokens' colours.
import type { BarSeriesOption, LineSeriesOption } from 'echarts/charts'
import type { GridComponentOption, LegendComponentOption, TooltipComponentOption } from 'echarts/components'
import type { ComposeOption } from 'echarts/core'

export type Option = ComposeOption<BarSeriesOption | LineSeriesOption | GridComponentOption | LegendComponentOption | TooltipComponentOption>
export interface Tokens { accent: string; soft: string; text: string; muted: string; line: string; card: string; font: string; quiet: string; paid: string; danger: string; refused: string }

const NAMES: Record<keyof Tokens, string> = {
  accent: '--hz-accent', soft: '--hz-accent-soft', text: '--hz-text', muted: '--hz-text-3', line: '--hz-line', card: '--hz-card', font: '--hz-font', quiet: '--hz-text-disabled', paid: '--hz-paid', danger: '--hz-danger', refused: '--hz-stage-refused',
}

export function tokens(): Tokens {
  const style = getComputedStyle(document.documentElement)
  return Object.fromEntries(Object.entries(NAMES).map(([k, name]) => [k, style.getPropertyValue(name).trim()])) as unknown as Tokens
}

/** 12345 yuan → 1.2万 in Chinese, 12.3k in English: short enough for an axis. */
export function shortYuan(yuan: number, locale: string): string {
  const [unit, word] = locale === 'en' ? [1000, 'k'] : [10_000, '万']
  if (Math.abs(yuan) < unit) return String(yuan)
  return `${Number((yuan / unit).toFixed(2))}${word}`
}

export function base(c: Tokens): Pick<Option, 'textStyle' | 'grid' | 'tooltip' | 'animation'> {
  return {
    animation: false,
    textStyle: { fontFamily: c.font, color: c.muted },
    grid: { left: 8, right: 20, top: 34, bottom: 8, outerBoundsMode: 'same', outerBoundsContain: 'all' },
    tooltip: { trigger: 'axis', confine: true, backgroundColor: c.card, borderColor: c.line, textStyle: { color: c.text, fontSize: 12 }, extraCssText: 'box-shadow:none' },
  }
}

export function axis(c: Tokens) {
  return {
    nameTextStyle: { color: c.muted, fontSize: 12 },
    axisLabel: { color: c.muted, fontSize: 12, hideOverlap: true },
    axisLine: { lineStyle: { color: c.line } },
    axisTick: { show: false },
    splitLine: { lineStyle: { color: c.line } },
  }
}
