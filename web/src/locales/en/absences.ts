export default {
  title: 'Absences',
  hint: 'While you are away your stand-in finds the cases in your hands in their to-do list, and can take them and act as themselves; no case is assigned to who is away.',
  add: 'Write absence',
  who: 'Away', me: 'Myself', stand_in: 'Stand-in', days: 'Days', state: 'State', made_by: 'Written by',
  states: { now: 'Away now', coming: 'To come', over: 'Over' },
  end: 'End now', end_sure: 'End the absence of {name} now?', ended: 'Ended',
  made: 'Written; the stand-in has a message',
  none_hint: 'Before you leave, write your absence and name a stand-in: the cases in your hands go on.',
  nobody: 'Nobody could stand in',
}
