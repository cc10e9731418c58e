export default {
  import: '批量受理', reason: '重复说明', reason_hint: '核实后说明为什么不是重复申领', reason_missing: '请填写“重复说明”',
}
