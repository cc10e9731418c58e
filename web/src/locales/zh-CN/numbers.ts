// 完整号码: for those to whom ID numbers, telephone numbers and accounts are hidden.
export default {
  show: '显示完整号码', reason: '查看原因', hint: '如：核对来电人身份。查看会记入日志',
  kind: { id_number: '证件号码', phone: '手机号码', account: '银行账号' },
}
