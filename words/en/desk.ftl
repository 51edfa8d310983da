# A line of a list
row-late = { $clock } { $late }
row-due = { $clock } { $due }
row-over = { $state } { $when }
row-shelved = Shelved until { $until }
row-upper = { $system } upper case { $number }
row-upper-due = upper deadline { $when }
row-reports = { $n } people reported it
row-photos = { $n } photos
flag-urgent = Urgent
flag-supervised = Supervised
flag-reopened = Reopened { $n }×
flag-rework = Rework { $n }×
flag-returned = Returned { $n }×
flag-urged = Urged { $n }×
flag-asks-extension = Asks for time
flag-asks-pause = Asks for a stop
flag-petition = Petition
flag-report = Report
flag-exempt = Excluded from assessment

# A case
case-opened = { $when }, { $channel }
mark = { $person } · { $unit } · { $when }
photo-scene = On the spot
photo-near = Close-up
photo-before = Before
photo-after = After
photo-paper = Paper
photo-alt = { $kind }: { $title }
photo-caption = { $kind } { $when }
report-rating = { $score }, { $solved }. { $words }
requester-hidden = The requester is not shown to this post
requester-erased = The requester's data were erased as the rules ask
requester-none = No contact was left
requester-no-consent = The requester has not agreed that a firm gets the number; the dispatch desk can call
requester-look = { $unit }, { $when }
part-done-at = Done { $when }
part-done-late = Done late { $when }
part-due = { $clock } { $due }
link-whole = Part of
link-part = Part
link-merged-into = Merged into
link-merged = Merged here
similar-metres = { $n } m away
similar-likeness = { $n }% alike

# The text for a chat group, nothing personal in it
copy-text = [{ $no }] { $matter }, { $place }. Unit: { $unit }. { $state }.
copy-due = { " " }Due { $when }{ $late }; please act and report back.
copy-late = { " " }(overdue)
copy-no-unit = none yet

# Advice for dispatching
advice-duty = Duty list { $code } { $matter } → { $unit }, { $limit }.
advice-no-duty = "{ $matter }" is not on the duty list; suggested by who did most of them.
advice-history = { $total } of the kind closed in the last 12 months, { $own } of them by this unit.
advice-subject = By the duty list it is for { $unit }, but that unit or the one above it is the subject. Choose another or the one above.
advice-withdrawn = This matter was taken back by an upper department; it cannot go to a street unit. { $department } is responsible.

# Forms
form-tells = The requester will read this. Write it clearly and completely.
form-own-check = You handled this case and nobody else here can verify it. You may; it is marked as your own check and counted apart.
hint-route = The requester is told the reason, the lawful route and who reviews it
input-request = Which request
matter-condition = ({ $condition })
matter-hint = { $class } · { $limit } · { $verify }
