export default {
  title: 'Supervision', hint: 'By days at the stage; a number shows its cases below', pool: 'Pool (nobody)', late: 'Late', late_n: '{n} late', total: 'Total', all: 'All open cases', age: '{from}–{to} d', age_over: '{from} d and more',
  none: 'No open cases', none_late: 'Nothing is late', chosen: '{n} selected', give: 'Assign', give_n: 'Assign {n} cases', release: 'Release', release_confirm: 'Put the {n} selected cases back into the pool?',
  given: '{n} assigned', released: '{n} released', refused: '{n} not done', fits: 'could take {fits} of {n} · {hand} in hand', fits_hint: 'Cases that can\'t be assigned are named with the reason; the others are',
  part: { all: 'All', late: 'Late', nearly_due: 'Nearly due', returned: 'Returned', mine: 'In my hands' },
}
