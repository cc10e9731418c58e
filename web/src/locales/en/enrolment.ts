export default {
  title: 'Enrolment',
}
