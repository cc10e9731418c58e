export default {
  title: 'Inquiries',
}
