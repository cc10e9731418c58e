export default {
  granted_before: '此前已给付', difference: '本次差额',
  kind: { receipt: '受理回执', calculation: '计算书', approval: '审批表', payout: '给付通知', denial: '不予给付通知' },
  title: '文书', print: '打印', count: '共 {n} 份', number: '编号', dated: '日期', seal: '（盖章）', printed: '{name} 打印于 {at}', batch: '打印回执',
  shares: '份数', accepted_by: '受理人', materials: '提交材料', material: '材料名称', received: '收到', files: '{n} 张', missing: '待补', basis: '依据', statements: '结算单', hospital: '医院', stay: '住院时间', days: '{n} 天', invoice: '票据',
  total: '结算总金额', pooled: '统筹支付', other: '其他支付', self_pay: '个人自付', out_of_scope: '全额自费', result: '核定结果', payee: '姓名', relation: '关系', account: '银行账号 / 开户银行', amount: '金额（元）', cause: '出险原因',
  reason: '原因', note: '说明', warnings: '提醒与说明', warning: '提醒', answer: '说明', decisions: '审批过程', step: '环节', act: '办理', by: '办理人', at: '时间', opinion: '原因与意见',
  dear: '{name}：', receipt_text: '{name} 的互助金申领已由{office}于 {on} 受理，受理信息如下。', receipt_hint: '请核对以上信息。材料不全的，请尽快补齐；办理进度可凭案件号向受理机构查询。',
  payout_text: '您于 {on} 向“{plan}”提出的“{liability}”申领已审核通过，核定给付互助金 {amount} 元（大写：{words}）。', paid_text: '该笔互助金已于 {on} 支付至以下账户，请查收。', to_pay_text: '该笔互助金将支付至以下账户。', payout_hint: '账户有误或逾期未收到的，请与{office}联系。',
  denial_text: '您于 {on} 向“{plan}”提出的“{liability}”申领，经审核决定不予给付。', appeal: '申诉', appeal_text: '如对本决定有异议，可于 {until} 前（含当日）凭本通知向{office}提出申诉，说明理由并附新的材料。申诉由原审核人以外的人员复核，结果另行通知。',
  signed_member: '申领人签字：', signed_clerk: '受理人签字：', signed_first: '初审签字：', signed_second: '复审签字：', signed_head: '负责人签字：', signed_received: '收件人签字：', signed_on: '收件日期：',
}
