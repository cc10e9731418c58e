import type { Chapter } from './help.zh-CN'

const chapters: Chapter[] = [
  { id: 'start', title: 'Where to begin', text: ['The home page counts what waits for you. The menu shows what you have the right to. Open pages stand as tabs and keep what you typed.', 'Type a case number into the header and press Enter to open the case. When your session ends, a dialog asks for the password and nothing is lost.'] },
  { id: 'acceptance', title: 'Acceptance', text: [['Press New, choose the kind of ID, enter the ID number and the date of the incident, choose the claim type, and search.', 'Tick what is to be accepted. Rows that can’t be accepted say why.', 'Search for more people; ticked rows are gathered in the list below.', 'Accept: all rows at once. Hospital claims go to Papers, all others to Expense entry.'], 'A wrong check digit is a warning; an existing record can still be used.', 'A case can be deleted before it is first submitted, later only withdrawn.'] },
  { id: 'materials', title: 'Papers', text: ['Press Upload or Camera in the pool. Each kind says whether it is required and how many pictures it takes. Files are png/jpg/jpeg up to 10 MB; their content decides.', 'The bank card wants its account number and bank. When everything required is there, OK sends the case on; a button that can’t be pressed says why.'] },
  { id: 'expenses', title: 'Expense entry', text: [['Take a case from Pending; nobody else can work on it then.', 'Open it: pictures left, forms right.', 'Sums that don’t balance are marked; some situations want a reason.', 'Calculate shows the benefit and how it came about.', 'Submit sends the case to First review. Everything still missing is listed.'], 'Drafts save themselves; Ctrl+S works too.', 'Release puts a case back.'] },
  { id: 'review', title: 'First review', text: ['Check papers, statements and calculation, then approve, return or deny. Returning and denying want a reason and a note.', 'Who entered a case can’t review it. A returned case lies with who entered it, and what was reserved is given back.'] },
  { id: 'payment', title: 'Payment', text: ['Tick one or many cases, confirm the payment with its date. The cases are closed. Who approved a case can’t pay it.'] },
  { id: 'inquiry', title: 'Inquiry', text: ['Finds closed cases of the unit side. View shows everything; Export gives all that was found as an Excel file.'] },
  { id: 'keys', title: 'Keyboard', text: ['Enter searches; Ctrl+S saves. In the pictures: ← → next, + − zoom, R rotate, F full screen. Dates can be typed as 20231004.'] },
]

export default chapters
