export default {
  is_correction: 'Correction', correction_case: 'Correction',
}
