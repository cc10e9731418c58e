// The languages: Chinese comes with the application, English when it is asked for.
import { createI18n } from 'vue-i18n'
import zhCn from './zh-CN'

export type Locale = 'zh-CN' | 'en'

const KEY = 'huzhu.locale'

export const i18n = createI18n({
  legacy: false,
  locale: 'zh-CN',
  fallbackLocale: 'zh-CN',
  messages: { 'zh-CN': zhCn } as Record<string, typeof zhCn>,
  missingWarn: false,
  fallbackWarn: false,
})

export function currentLocale(): Locale {
  return i18n.global.locale.value as Locale
}

/** For code outside components. */
export function translate(key: string, args: Record<string, unknown> = {}): string {
  return i18n.global.t(key, args)
}

export async function setLocale(locale: Locale): Promise<void> {
  if (locale === 'en' && !i18n.global.availableLocales.includes('en')) {
    i18n.global.setLocaleMessage('en', (await import('./en')).default as typeof zhCn)
  }
  i18n.global.locale.value = locale
  document.documentElement.lang = locale
  localStorage.setItem(KEY, locale)
}

/** The language that was chosen last. */
export function keptLocale(): Locale {
  return localStorage.getItem(KEY) === 'en' ? 'en' : 'zh-CN'
}
