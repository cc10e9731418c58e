export default {
  papers: '缺少的材料（补正）', about: '{name}：要求', about_hint: '例如 缺第 2 页、印章不清', words: '其他要求 {n}', add_words: '添加其他要求', until: '补正期限（可不填）', papers_hint: '列出所缺内容后，案件等待会员补正，期间不计时效。',
  supplement: '补正', supplement_n: '第 {n} 次补正', waiting: '待补正', due_on: '请在 {day} 前补正', settled: '已补', open: '未补', pictures: '新增 {n} 张', answered: '答复：{words}（{name}）', nothing_came: '请上传新的材料，或填写答复', answer_hint: '无法上传时填写答复', answer_to: '答复 {what}',
  reductions: '核减', cut: '核减', no_reductions: '没有核减', from_to: '提交 {before} 元，核减后 {after} 元', benefit: '互助金额 {before} → {after}', withdrawn_by: '{name} 已撤销', not_counted: '不再计入', withdraw: '撤销', withdraw_confirm: '撤销核减 {amount} 元?', withdrawn: '核减已撤销',
  cut_hint: '结算单保持提交时的内容，互助金额按核减后的金额重新计算。', statement: '结算单', part: '核减项目', amount: '核减金额', submitted_of: '提交金额 {amount} 元', amount_wrong: '请填写大于 0 的金额，最多两位小数', cut_done: '已核减，互助金额 {amount} 元',
  others: '此人的其他案件', others_n: '此人的其他案件（{n}）', accepted: '认可', not_accepted: '不认可', accept: '认可', refuse: '不认可', say_hint: '审核说明（可不填）',
}
