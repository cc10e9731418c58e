export default {
  title: '督办', hint: '按在当前环节停留的天数；点数字在下方查看案件', pool: '待处理（无人）', late: '已超时', late_n: '已超时 {n} 件', total: '合计', all: '全部在办案件', age: '{from}–{to}天', age_over: '{from}天以上',
  none: '没有在办的案件', none_late: '没有超时的案件', chosen: '已选 {n} 件', give: '转派', give_n: '转派 {n} 件', release: '释放', release_confirm: '把所选 {n} 件案件放回待处理?',
  given: '已转派 {n} 件', released: '已释放 {n} 件', refused: '{n} 件没有办理', fits: '可办 {fits}/{n} 件 · 手中 {hand} 件', fits_hint: '不能办理的案件会逐件说明原因，其余照常转派',
  part: { all: '全部', late: '已超时', nearly_due: '即将到期', returned: '退回', mine: '我手中' },
}
