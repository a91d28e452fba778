// What to do about an error: a sentence for authors, found by the error's own words. A browser shows the words only, so
// that these stay out of what a page downloads.
const hints: readonly (readonly [message: RegExp, hint: string])[] = [
  [
    /^a top-level value makes a signal/,
    'All pages would share it. State belongs in an island, or in (use-store "name" (fn () …)).',
  ],
  [
    /^random-int has no place in what is built$/,
    'A page is a pure function of its sources: use it in an island.',
  ],
  [/ never changes$/, 'It is part of a top-level value. State belongs in an island: use a signal.'],
  [/^a top-level value needs itself/, 'Make one of the values in the circle a function.'],
  [/^nothing local to set/, 'Definitions never change; use a signal in an island.'],
  [/^<signal> is no function/, 'Read a signal with deref.'],
  [/^a dict can't be rendered/, 'Render its values, or json-encode it.'],
  [/^a dict is no attribute value/, 'Only class and style take dicts.'],
  [/^the attribute .* would run as script/, 'Write an event handler as :on-click (fn (e) …) in an island.'],
  [/^beyond 2\^53$/, 'The result is: numbers are exact from −(2^53−1) to 2^53−1.'],
  [/^a rational with parts beyond/, 'Round it first, as in (round x 12).'],
  [/^nothing in match fits/, 'Add a clause (_ …).'],
  [/can't change a top-level value or a literal$/, 'Make a copy, or keep state in an island: use a signal.'],
  [/^a top-level value can't ask the host/, 'Make it a function, which asks when it is called.'],
  [/can't be asked by a computed signal$/, 'Ask before, and hand over the answer.'],
]

export const hintFor = (message: string): string | undefined =>
  hints.find(([pattern]) => pattern.test(message))?.[1]
