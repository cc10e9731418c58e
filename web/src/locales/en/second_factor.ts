export default {
  asked: 'The six digits of your authenticator',
  title: 'Second factor', on: 'on', off: 'off', hint: 'Once on, signing in wants the six digits that your phone’s authenticator shows besides the password.', must: 'Your role wants a second factor to be set up before anything else.',
  begin: 'Set up an authenticator', change: 'Change the authenticator', scan: 'Scan this with the authenticator on your phone (any that does TOTP), and type the six digits that it shows.', qr: 'QR code for the authenticator', by_hand: 'If you can’t scan it, type this key:',
  code: 'Code', password: 'Current password', set: 'Turn on', done: 'The second factor is on', remove: 'Turn off', removed: 'The second factor is off',
}
