export default {
  is_correction: '是否更正', correction_case: '更正案件',
}
