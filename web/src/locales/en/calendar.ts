export default {
  title: 'Time limits', calendar: 'Working calendar', limits: 'Limits by stage', previous: 'The year before', next: 'The year after', year: '{year}', month: 'Month {n}', total: '{n} working days', mark: 'Mark days', days: 'Days', kind: 'As', name: 'Name', name_hint: 'e.g. National Day', marked: 'The calendar is changed', history: 'History',
  off: 'Off', off_sign: 'off', working: 'Worked', working_sign: 'on', worked_weekend: 'Worked weekend', unknown_year: 'No holidays of this year are kept yet: Monday to Friday count as worked. Mark them here once they are published.', at_once: 'It counts at once: working days at every stage are counted by it, of cases on their way as well.',
  weekdays: 'Mo Tu We Th Fr Sa Su',
  as: { off: 'Off', working: 'Worked', plain: 'By the weekday' },
  limits_hint: 'In how many working days a case has to leave a stage. What an office leaves blank the society says, else the program (in grey). Waiting for papers from the member does not count.', limits_saved: 'The limits are saved',
  pace: 'Time limit', order: 'Order', waited: '{n} d', waited_of: '{n} working days here, limit {limit}', due_on: 'due by {day}',
}
