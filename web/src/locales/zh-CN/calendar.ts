export default {
  title: '时效管理', calendar: '工作日历', limits: '办理时效', previous: '上一年', next: '下一年', year: '{year} 年', month: '{n} 月', total: '{n} 个工作日', mark: '标记日期', days: '日期', kind: '设为', name: '名称', name_hint: '例如 国庆节', marked: '日历已更新', history: '修改记录',
  off: '放假', off_sign: '休', working: '上班', working_sign: '班', worked_weekend: '调休上班', unknown_year: '此年度还没有登记节假日，暂按周一至周五上班计算。节假日安排公布后请在此标记。', at_once: '保存后立即生效：各环节的停留工作日和时效按新的日历计算，包括在办案件。',
  weekdays: '一 二 三 四 五 六 日',
  as: { off: '放假', working: '上班', plain: '按星期' },
  limits_hint: '案件到达一个环节后应在几个工作日内办完。办事处不填的按总会，总会不填的按系统默认（灰色数字）。等待会员补正的时间不计。', limits_saved: '时效已保存',
  pace: '时效', order: '排序', waited: '{n} 天', waited_of: '已停留 {n} 个工作日，时效 {limit} 个工作日', due_on: '应于 {day} 前办完',
}
