export default {
  title: 'Records',
}
