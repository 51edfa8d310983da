# Why something cannot be done, each with what to do instead
refusal-demands-act-forbidden = Your post cannot do this on this case. Ask the handling unit or a dispatcher.
refusal-demands-act-not-now = This cannot be done now. Somebody may have acted already: see the timeline.
refusal-demands-act-not-your-part = Your unit has no part in this case that this could be done on.
refusal-demands-act-unknown = The procedure has no such step.
refusal-demands-act-wrong-state = This cannot be done in the present state. Somebody may have acted already: see the timeline.
refusal-demands-add-co-already = This unit leads or helps already.
refusal-demands-ask-extension-too-late = The deadline has passed; more time must be asked for before it. Finish soon and say what held it up.
refusal-demands-call-satisfied-range = Choose one of the five grades of satisfaction.
refusal-demands-clock-paused = The clock stands still, there is no due time. Resume it first.
refusal-demands-close-two-calls = It can be closed as "cannot be reached" only after two calls that nobody answered.
refusal-demands-decide-no-request = Nothing waits for a decision; somebody may have decided already.
refusal-demands-detach-only-report = This is the only report of the case.
refusal-demands-dispatch-is-subject = The subject of the complaint and those under it can neither lead nor help. Choose another unit or the one above.
refusal-demands-dispatch-lead-is-co = The leading unit cannot help as well.
refusal-demands-dispatch-no-such-unit = There is no such unit, or it is closed. Choose another.
refusal-demands-extend-no-clock = No handling deadline runs that could be extended.
refusal-demands-extend-upper-binds = The upstream deadline { $upper } leaves no more time. Ask the upstream platform for more first; once its new deadline is taken over, this one moves by itself.
refusal-demands-return-up-no-ticket = No upstream ticket of this case is open, so there is nothing to return upstream.
refusal-demands-return-up-merged = This case holds { $count } reports; returning it would take the others along. Move the one to be returned out of the merge first.
refusal-demands-return-up-again = Upstream has ruled on it once; it cannot be returned again. Handle it as ruled.
refusal-demands-return-up-too-late = The window for returning it upstream ended { $when }.
refusal-demands-extend-other-unit = More time must be in the unit of the deadline ({ $unit ->
    [urgent_hour] urgent hours
    [work_hour] working hours
    [natural_day] calendar days
   *[work_day] working days
}).
refusal-demands-finish-co-units-open = { $count ->
    [one] One co-unit is
   *[other] { $count } co-units are
} not done; the lead cannot finish before them. Urge them, or ask a dispatcher.
refusal-demands-finish-not-signed = Sign first, then finish.
refusal-demands-finish-photo-needed = This matter needs a photo of the result.
refusal-demands-merge-other-subject = This case is about another unit, which would read it after the merge. Check the subject of both before merging.
refusal-demands-merge-not-open = Both cases must be open to be merged.
refusal-demands-merge-other-class = Ordinary demands, petitions and reports cannot be merged with each other.
refusal-demands-merge-same = A case cannot be merged into itself. Choose another.
refusal-demands-report-phone = This is not a phone number. Check it, or leave it blank.
refusal-demands-report-text-too-long = At most { $most } characters. Shorten it or make several.
refusal-demands-report-too-many-photos = At most { $most } photos.
refusal-demands-return-already-ruled = A return of this case was ruled on; it cannot be returned a second time. Report progress and talk to the centre if there is news.
refusal-demands-reveal-no-consent = The requester has not agreed that a firm gets the number. Ask the dispatch desk to call.
refusal-demands-reveal-nothing = The requester left no contact, or it was erased.
refusal-demands-shelve-day-past = The day of the next look must be after today.
refusal-demands-split-two-parts = A split needs at least two matters.
refusal-demands-split-wrong-state = Only a case to accept or to dispatch can be split, and a part cannot be split again.
refusal-demands-unmerge-not-merged = This case was not merged into another.
refusal-demands-upper-spoilt-number = The upstream number "{ $number }" is damaged, perhaps by a spreadsheet. Copy it from the upstream platform.
refusal-demands-verify-handled-it = Who handled a case may not verify it or call back. Ask a colleague.

# Lists and forms
refusal-cases-list-not-a-day = "{ $text }" is not a date. Write 2026-03-12.
refusal-desk-co-twice = A unit can help only once.
refusal-desk-limit-unreadable = "{ $text }" is no length of time. Give a number above 0 with up to three decimals.
refusal-desk-occurred-future = It cannot have happened later than now.
refusal-desk-occurred-too-early = It cannot have happened before the case was registered or dispatched.
refusal-desk-occurred-unreadable = "{ $text }" is not a time.
refusal-desk-subject-long = The subject may have at most { $most } characters.

# Conditions
refusal-condition-empty = The condition is empty.
refusal-condition-too-long = The condition is too long: at most { $max } bytes.
refusal-condition-too-deep = At most { $max } levels of brackets.
refusal-condition-too-many-nodes = The condition is too large: at most { $max } parts.
refusal-condition-character = "{ $character }" at { $at } has no place in a condition.
refusal-condition-number = "{ $number }" is not a whole number.
refusal-condition-text-open = A quotation mark is missing.
refusal-condition-escape = The escape "{ $escape }" is not known.
refusal-condition-unknown-name = There is no field "{ $name }". The fields are listed below.
refusal-condition-unknown-function = There is no function "{ $name }".
refusal-condition-has-operand = has() takes one field name.
refusal-condition-syntax = The condition is incomplete; look near { $at }.
refusal-condition-not-a-condition = A condition is needed here, such as case.urgent or case.returns > 0.
refusal-condition-not-a-value = A value is needed here, not a condition or a list.
refusal-condition-types = { $left } and { $right } cannot be compared by { $operator }.
refusal-condition-list = After in comes a list, such as ["closed", "calling"].
refusal-condition-list-item = The items of a list must be of the sort on the left.
refusal-condition-null = null can only be compared with a field for being equal.
refusal-condition-argument = A wrong argument in { $function }.
refusal-condition-duration = "{ $text }" is no duration. Write 1h30m.
refusal-condition-timestamp = "{ $text }" is no instant. Write 2026-03-12T09:00:00+08:00.
refusal-condition-not-parsed = The condition could not be read just now. Try again.
refusal-condition-memory-only = "{ $name }" cannot narrow a list.

# Fields
field-matter = Matter
field-subject = Subject of the complaint
field-urgent = Urgent
field-note = Text
field-basis = Basis
field-route = Lawful route
field-lead = Lead
field-co = Co-units
field-limit = Length of time
field-photos = Photos
field-request = Request
field-missing = What is missing
field-reviewer = Reviewer
field-solved = Solved
field-satisfied = Satisfaction
field-text = Text
field-phone = Phone
field-rating = Rating
field-number = Number
field-via = Source of the entry
field-occurred = Time it happened
field-where = Condition
field-into = Merge into
field-parts = Parts
field-system = Upstream platform
field-due = Upstream deadline
field-view = Name of the view
refusal-desk-bulk-no-suggestion = The duty list suggests no unit; choose case by case.
refusal-desk-photo-unreadable = "{ $name }" is no picture that can be used (JPEG, PNG, WebP).
refusal-desk-merge-no-case = There is no case { $no }, or it is outside your scope.
refusal-desk-upper-known = The upstream number { $number } is tied to another case.
refusal-desk-views-many = At most { $most } views. Delete one first.
refusal-sheet-html = This file is really a web page. Choose “Export to Excel” on the platform, or open it and save it as .xlsx.
refusal-sheet-kind = This kind of file cannot be read. Use .xls, .xlsx or .csv.
refusal-sheet-workbook = This workbook cannot be opened; it may have a password or be damaged. Open it in a spreadsheet program, save it as .xlsx and bring that.
refusal-sheet-empty = No data found: there must be a header and at least one row below it.
refusal-sheet-many = At most { $most } rows at once. Bring them in parts.
refusal-sheet-heavy = This file holds more cells or text than can be read at once. Copy the table alone into a new workbook, or bring it in parts.
refusal-sheet-csv = Line { $line } cannot be read; perhaps a quotation mark is missing.
