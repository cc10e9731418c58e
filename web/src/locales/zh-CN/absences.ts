export default {
  title: '请假代理',
  hint: '请假期间，代办人在“待办事项”中看到您手中的案件，并可以“获取”后以自己的名义办理；新案件不会转派给请假的人。',
  add: '登记请假',
  who: '请假人', me: '本人', stand_in: '代办人', days: '请假日期', state: '状态', made_by: '登记人',
  states: { now: '请假中', coming: '未开始', over: '已结束' },
  end: '提前结束', end_sure: '现在结束 {name} 的请假？', ended: '已结束',
  made: '已登记，并通知了代办人',
  none_hint: '外出前登记请假并指定代办人，手中的案件不会耽误。',
  nobody: '没有可以代办的人员',
}
