export default {
  title: 'Changes',
}
