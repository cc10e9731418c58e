// Signing in by the society's identity provider.
export default {
  or: 'or', by: 'Sign in by {name}', done_title: 'Signed in', done: 'You are signed in; go back to the page you came from.', other: 'Somebody else signed in; sign in as {name}, or sign out.', again: 'You may also sign in by {name} on a new page and come back here.',
  refused: {
    unreachable: '{name} does not answer; try again later or sign in by password.', cancelled: 'You cancelled {name}.', stale: 'It took too long, or was begun in another browser; sign in again.', wrong: 'The answer of {name} could not be verified; sign in again, and ask an administrator if that does not help.',
    unknown: 'No user in use has the name that you have at {name}; ask an administrator.', bound: 'That name is bound to somebody else at {name}; ask an administrator to undo it.', second_factor: 'Your account wants a second factor and {name} asked for none; sign in by password or ask an administrator.',
  },
}
