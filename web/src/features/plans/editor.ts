// CodeMirror as plans use it: TOML, the theme's colours, Chinese. Loaded when a text is shown.
import { HighlightStyle, StreamLanguage, syntaxHighlighting } from '@codemirror/language'
import { toml } from '@codemirror/legacy-modes/mode/toml'
import { lintGutter } from '@codemirror/lint'
import { EditorState, type Extension } from '@codemirror/state'
import { EditorView } from '@codemirror/view'
import { tags } from '@lezer/highlight'
import { currentLocale } from '@/locales'

const colours = HighlightStyle.define([
  { tag: tags.comment, color: 'var(--hz-text-2)', fontStyle: 'italic' },
  { tag: tags.string, color: 'var(--hz-success)' },
  { tag: [tags.propertyName, tags.variableName, tags.definition(tags.variableName)], color: 'var(--hz-accent)' },
  { tag: [tags.atom, tags.bool, tags.number], color: 'var(--hz-warning)' },
  { tag: tags.bracket, color: 'var(--hz-text-2)' },
])

const look = EditorView.theme({
  '&': { height: '100%', backgroundColor: 'var(--hz-card)', color: 'var(--hz-text)', fontSize: '13px' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: '"JetBrains Mono", Consolas, "Sarasa Mono SC", "Noto Sans Mono CJK SC", Menlo, monospace', lineHeight: '20px' },
  '.cm-content': { caretColor: 'var(--hz-text)' },
  '.cm-cursor, .cm-dropCursor': { borderLeftColor: 'var(--hz-text)' },
  '.cm-gutters': { backgroundColor: 'var(--hz-sunken)', color: 'var(--hz-text-3)', border: 'none', borderRight: '1px solid var(--hz-line)' },
  '.cm-activeLine': { backgroundColor: 'color-mix(in srgb, var(--hz-accent) 6%, transparent)' },
  '.cm-activeLineGutter': { backgroundColor: 'var(--hz-accent-soft)', color: 'var(--hz-text)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': { backgroundColor: 'color-mix(in srgb, var(--hz-accent) 26%, transparent) !important' },
  '.cm-selectionMatch': { backgroundColor: 'color-mix(in srgb, var(--hz-warning) 22%, transparent)' },
  '.cm-panels, .cm-tooltip': { backgroundColor: 'var(--hz-card)', color: 'var(--hz-text)', borderColor: 'var(--hz-line)' },
  '.cm-textfield': { backgroundColor: 'var(--hz-card)', color: 'var(--hz-text)', border: '1px solid var(--hz-line-strong)' },
  '.cm-button': { backgroundImage: 'none', backgroundColor: 'var(--hz-sunken)', color: 'var(--hz-text)', border: '1px solid var(--hz-line-strong)' },
  '.cm-diagnostic-error': { borderLeftColor: 'var(--hz-danger)' },
  '.cm-changedText, .cm-changedLine .cm-changedText': { background: 'none !important' },
})

const PHRASES = {
  Find: '查找', Replace: '替换', next: '下一个', previous: '上一个', all: '全部', replace: '替换', 'replace all': '全部替换', 'match case': '区分大小写', regexp: '正则', 'by word': '整词', close: '关闭',
  'Go to line': '转到行', go: '转到', 'Fold line': '折叠', 'Unfold line': '展开', '$ unchanged lines': '$ 行未改', 'Control character': '控制字符',
}

export function dress(label: string, readonly: boolean): Extension {
  return [
    StreamLanguage.define(toml), syntaxHighlighting(colours), look, lintGutter(),
    EditorState.readOnly.of(readonly), EditorState.tabSize.of(4),
    EditorState.phrases.of(currentLocale() === 'en' ? {} : PHRASES),
    EditorView.contentAttributes.of({ 'aria-label': label, tabindex: '0', spellcheck: 'false' }),
  ]
}
