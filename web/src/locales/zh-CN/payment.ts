export default {
  pending: '待付款', open: '付款中', done: '已付款', payee: '领款人', payees: '领款人 · 银行账号 · 开户银行', approved_by: '审核人', paid_on: '付款日期', selected: '已选 {n} 件，合计 {amount} 元', sum: '合计 {amount} 元', empty: '没有待付款的案件', approved_at: '审核时间',
  bank: '开户银行', amount: '金额', amount_from: '最低金额', amount_to: '最高金额', due: '应付金额', again: '退票后再付', batch_no: '付款批次',
  make: '建立批次', make_all: '全部 {n} 件建立批次', make_text: '用以下案件建立付款批次，建立后由另一人放行。', too_many: '一个批次最多 500 件，请缩小查询范围', made: '已建立批次 {no}', to_batches: '查看批次',
  batches: '付款批次', batch: '付款批次', bounced: '退票', layout: '文件格式',
  office: '办事处', state: '状态', cases: '案件', items: '笔数', made_by: '建立人', made_at: '建立时间', released_by: '放行人', released_at: '放行时间', settled_at: '结清时间', made_on: '建立日期', none: '没有付款批次', bounced_of: '退票',
  gone: '批次不存在，或不在您的机构范围内', agree: '批次、明细、结果金额一致', differ: '金额不一致，请联系管理员', count: '{n} 笔',
  total: { batch: '批次合计', items: '明细合计', open: '待结果', paid: '已付款', bounced: '退票' },
  act: { change: '移出所选', cancel: '取消批次', release: '放行', file: '下载付款文件', settle: '登记结果' },
  cancel_text: '取消后，案件回到待付款。', release_text: '放行后可以下载付款文件，批次不能再修改。', remove_text: '把所选 {n} 笔所属的案件移出批次?',
  did: { change: '已移出', cancel: '已取消批次', release: '已放行' },
  xlsx: 'Excel 文件（.xlsx）', csv: 'CSV 文件（.csv）', pain001: 'ISO 20022（pain.001）', downloaded: '付款文件已下载',
  reference: '付款编号', account_no: '收款账号', find: '付款编号/案件号/户名/账号', all: '全部', no_items: '没有符合条件的明细', words: '银行说明', reason: '退票原因',
  result_file: '导入结果文件', all_paid: '全部已付', some_paid: '所选已付', some_bounced: '所选退票', settle_text: '登记后，款项全部到账的案件即结案，不能撤回。', settled: '已登记', bounce_text: '登记为退票的款项须更正账户后再付。',
  result_hint: '把银行返回的 .xlsx、.xls 或 .csv 文件拖到这里', default_day: '文件中没有日期的行，付款日期为', preview: { rows: '文件行数', paid: '将登记已付', bounced: '将登记退票', known: '此前已登记', faulty: '有错误', missing: '文件中没有' },
  result_wrong: '有 {n} 行不正确，改正文件后重新上传；现在没有登记任何结果。', result_none: '文件中没有新的结果。', apply: '登记 {n} 笔结果', applied: '已登记：已付 {paid} 笔，退票 {bounced} 笔', row: '行', outcome: '结果', problem: '问题', known: '已登记',
  history: '批次记录', event: { make: '建立', change: '调整案件', cancel: '取消', release: '放行', file: '下载文件', result: '导入结果', settle: '登记结果' },
  waiting: '待更正', proposed: '待复核', repaired: '待再付', bounced_on: '退票日期', bounced_none: '没有退票', old_account: '原账户', new_account: '更正后的账户', correct: '账户更正', asked_by: '申请人', decide: '复核',
  correct_text: '填写更正后的账户，并上传银行卡或证明的照片，由另一人复核后进入下一批次。案件原有的内容不变。', name: '户名', why: '更正原因', photo: '银行卡或证明照片', photo_hint: 'png/jpg/jpeg，不超过 10MB；账户不变时可以不上传', asked: '已提交，等待复核', approve: '同意', refuse: '不同意', note: '意见', approved: '已同意，可以再次付款', refused: '已退回申请', decide_text: '请核对照片与更正后的账户。', see_photo: '查看照片', no_photo: '账户未变，没有照片', refused_because: '未通过：{note}',
  layout_title: '付款文件的格式', layout_hint: '列、次序和标题按开户银行的要求设置；.xlsx 和 .csv 使用同一格式。', column: '内容', heading: '列标题', add_column: '添加列', up: '上移', down: '下移', remove: '删除列', unit: '金额单位', encoding: 'CSV 编码', header: '第一行为列标题', keep_digits: '账号前加制表符，防止 Excel 改变数字', payer_name: '付款人户名', payer_account: '付款账号', payer_bank: '付款开户行', purpose: '用途', result_headings: '结果文件的列标题', result_headings_hint: '银行返回文件的列标题与常用名称不同时填写，否则留空。', sample: '预览', saved: '已保存', read_only: '只能由办事处修改',
  of_case: '付款记录', of_batch: '批次',
}

export const words = {
  payment_batch_state: { draft: '草稿', released: '已放行', settled: '已结清', cancelled: '已取消' },
  payment_item_state: { draft: '未放行', sent: '待结果', paid: '已付款', bounced: '退票', repaired: '待再付', replaced: '已另付' },
  bounce_reason: { account_wrong: '账号有误', name_mismatch: '户名不符', account_closed: '账户已销户', account_frozen: '账户状态异常', bank_wrong: '开户行有误', limit_exceeded: '超过限额', bank_failure: '银行系统原因', other: '其他' },
  correction_state: { proposed: '待复核', approved: '已同意', refused: '未通过' },
  file_field: { sequence: '序号', reference: '付款编号', payee_name: '收款人户名', account_no: '收款账号', bank_name: '开户银行', amount: '金额', currency: '币种', purpose: '用途', case_no: '案件号', payer_name: '付款人户名', payer_account: '付款账号', blank: '空列' },
  amount_unit: { yuan: '元', fen: '分' },
  csv_encoding: { utf8_bom: 'UTF-8（带 BOM）', gbk: 'GBK' },
}

export const events = { payment_released: '付款放行', payment_bounced: '退票', account_asked: '申请账户更正', account_corrected: '账户更正', account_refused: '账户更正未通过' }
