export default {
  title: '统计', overview: '统计概览', report: '统计报表', range: '统计期间', rows: '统计维度', groups: '显示的列', total: '合计', none: '此期间没有数据', table: '数据表',
  most: '显示前 {shown} 行，共 {n} 行；导出为全部', whole_way: '全程时长', average: '平均', p90: '九成', days: '{n} 天', nine_in_ten: '九成在 {n} 天内', each: '件均 {amount}',
  submitted_of: '首次提交 {n}', withdrawn_of: '其中撤案 {n}', of_closed: '占结案 {share}', of_fees: '保障费用 {amount}',
  flow: '受理与结案（件）', money: '给付金额（元）', ageing: '在办账龄（件）', ageing_hint: '现在，按受理后天数', age: '{from}–{to}天', age_over: '{from}天以上',
  stays: '各环节时长（天）', stays_hint: '期间内结案的案件', reasons: '不予给付原因（件）', ratio_by_plan: '赔付率 · 按保障活动', ratio_by_org: '赔付率 · 按机构',
  ratio_note: '赔付率＝期间内起保的保障至今已给付的金额÷其保障费用；带 * 的保障费用不含未设定费用的保障。点数字或图形查看对应的案件。', without_fee: '另有 {n} 份次的活动没有设定费用',
  covers: '份次', fees: '费用（元）', paid_of_them: '已给付（元）',
  preset: { month: '本月', quarter: '本季', year: '今年', months12: '近12个月', last_year: '去年' },
  by: { day: '日', month: '月', quarter: '季', year: '年', office: '办事处', agency: '所属机构', unit: '参保单位', plan: '保障活动', claim_type: '申领类型' },
  group: { counts: '件数与金额', after: '更正与追回', ratio: '赔付率', stays: '办理时长（天）', reasons: '不予给付原因' },
  column: {
    received: '受理', submitted: '首次提交', returned: '退回', closed: '结案', paid: '已给付', paid_fen: '给付金额（元）', denied: '不予给付', withdrawn: '撤案', corrected: '已更正', recovered: '已追回', written_off: '已核销', recovered_fen: '追回金额（元）',
    coverages: '保障份次', fees_fen: '保障费用（元）', cohort_cases: '期内给付（件）', cohort_fen: '期内给付（元）', ratio: '赔付率',
  },
  link: { open: '在办', direct: '仅机构本级', close_reason: '原因', submitted: '首次提交', returned: '首次退回', begins: '保障起期', passed: '经过环节', from: '{from} 起', to: '至 {to}' },
}
