export default {
  title: 'Notices',
}
