export default {
  title: '信息查询',
  cases: '案件查询', members: '会员查询', enrolments: '参保查询', changes: '变更查询', coverages: '保障查询', text: '查询对象', outcome: '处理结果', plan: '保障活动', amount_from: '互助金额不低于（元）', amount_to: '互助金额不高于（元）', empty: '没有符合条件的记录，可调整查询条件',
  coverage_state: '保障状态', on: '有效日期', on_hint: '在此日有效', begins: '保障起期', shares: '份数', used: '本期已用（元）',
  returned: '是否退回', unfold: '更多条件', fold: '收起条件',
  state: { active: '有效', pending: '待到账', void: '作废' },
}
