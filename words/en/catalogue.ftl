# The matter catalogue and the duty list

refusal-demands-dispatch-withdrawn = “{ $matter }” was taken back by a higher-level department and cannot be dispatched to { $unit }. Send it to: { $department }.
refusal-demands-dispatch-unit-inactive = { $unit } no longer exists. Choose another unit.
refusal-catalogue-change-later-version = { $code } has a version that begins on { $day }. Let the change begin on that day or later.
refusal-catalogue-change-unknown-matter = The catalogue has no matter “{ $value }”. Give a code, the beginning of codes (06*) or *.

refusal-import-file-encoding = From this line on the file is not in UTF-8; perhaps it is in GBK. Save it as “CSV UTF-8 (comma delimited)” in the spreadsheet program and import it again.
refusal-import-file-workbook = This is a workbook (.xlsx or .xls), not a text file. Make the columns of numbers text first (or a number of 18 digits becomes 4.4E+17), then save as “CSV UTF-8 (comma delimited)” and import that.
refusal-import-file-empty = The file is empty. Is it the right one, and was it written to its end?
refusal-import-file-control = There is a zero character in this line: the file seems damaged. Export it again.
refusal-import-file-column-twice = Two columns are called “{ $column }”, and nobody can tell which one counts. Rename one.
refusal-import-file-json-array = The file is one JSON array; one object a line is needed (JSON Lines). jq -c '.[]' makes it so.
refusal-import-file-gb18030 = The file is not in GB 18030 (GBK), as the profile says. Take `encoding` out of the profile, or export the file again.
refusal-import-file-csv = This line cannot be read: { $why }. A quotation mark without its partner is the usual cause.
refusal-import-file-columns = Missing columns: { $columns }. The first line must hold the names of the columns, with commas between; here it is: { $found }
refusal-import-file-geojson = This is no GeoJSON file that can be used: { $why }.
refusal-import-file-json = This is no JSON file that can be used: { $why }.
refusal-import-row-missing = Nothing is filled in.
refusal-import-row-number = “{ $value }” is wrong: a whole number from { $from } to { $to } is needed.
refusal-import-row-day = “{ $value }” is no date: write 2026-03-12.
refusal-import-row-word = “{ $value }” is not known. Known are: { $known }.
refusal-import-row-twice = “{ $value }” stands already in line { $first }.
refusal-import-row-limit-zero = A limit of 0 would be late at once. What can be done on the spot is “answered at once” or “handled on the spot”.
refusal-import-row-limit = “{ $value }” is no limit: { $why ->
    [no_number] it must begin with a number
    [unknown_unit] the unit is not known (urgent_hour, work_hour, work_day, natural_day)
    [too_precise] three decimals at most
   *[other] it is too large
 }.
refusal-import-row-pattern = “{ $value }” is wrong: * may only stand at the end.
refusal-import-row-ends-before = The last day { $value } lies before the first.
refusal-import-row-overlap = The days overlap with those of line { $first }.
refusal-import-row-unit = No unit has the key “{ $value }”.
refusal-import-row-place = No place has the code “{ $value }”.
refusal-import-row-code = “{ $value }” is no code that can be used.
refusal-import-row-geometry = The boundary cannot be read: { $why }.
refusal-import-row-coordinate = “{ $value }” is no longitude or latitude.
refusal-catalogue-change-code-taken = There is a matter { $code } already. Change that one.

matter-photos-after = After
matters-sub = { $n } in all; the limits of { $examples } are examples to be replaced by local ones
matters-new = New matter
matters-edit = Edit the matter
matters-search = Find a matter
matters-search-hint = Code, name, or as residents say it
matters-find = Find
matters-only-examples = Only example limits
matters-found = { $n ->
    [one] 1 matter
   *[other] { $n } matters
 }
matters-found-none = No matter fits. Try other words, or fewer conditions.
matters-empty = The catalogue is empty
matters-empty-next = A new office gets the default catalogue; a spreadsheet can be imported as well.
matters-import = Import the catalogue
matters-edit-sub = A change holds from its first day; cases classified before keep their version.
matters-end = Withdraw
matters-end-hint = It can no longer be chosen; classified cases keep it.
matters-end-confirm = Withdraw it?
matter-code = Code
matter-code-hint = Leave national codes alone; local ones begin with L
matter-name = Matter
matter-name-zh = Chinese name
matter-name-en = English name
matter-class = Class
matter-classes = Classes
matter-class-code = Code of the class
matter-class-zh = Chinese name of the class
matter-class-en = English name of the class
matter-kind = Kind
matter-count = Matters
matter-examples = Example limits
matter-example = example
matter-list = List of duties
matter-department = Lead department
matter-department-en = Lead department (English)
matter-department-hint = Needed for assisting duties and for what was taken back
matter-urgent = Emergency
matter-limits = Limits
matter-unit = unit
matter-accept = Accept
matter-dispatch = Dispatch
matter-sign = Sign
matter-handle = Handle
matter-applies = Applies when
matter-applies-en = Applies when (English)
matter-conditions = Other conditions
matter-source = Source of the limit
matter-source-en = Source of the limit (English)
matter-source-hint = The document; “example” for an example
matter-standard = Source of code and name
matter-rules = How it is handled
matter-verify = Check
matter-verify-rate = Share checked (%)
matter-callback = Call-back
matter-callback-rate = Share called back (%)
matter-photos = Photos
matter-secret = Class of secrecy
matter-close = Condition for closing
matter-close-en = Condition for closing (English)
matter-judgement = How to tell
matter-judgement-en = How to tell (English)
matter-synonyms = As residents say it
matter-synonyms-hint = Separate several with |
matter-versions = Versions

catalogue-all = All
catalogue-edit = Change
catalogue-save = Save
catalogue-cancel = Cancel
catalogue-since-start = since installation
matter-standard-local = Local
matter-standard-copied = { $standard } (from a transcription)
catalogue-saved = Saved
catalogue-ended = Withdrawn
catalogue-export = Export the spreadsheet
catalogue-import = Import a spreadsheet
catalogue-import-sub = Export, change the spreadsheet, import. One error and nothing is written; rows that are not named stay.
catalogue-import-hint = CSV in UTF-8. In a spreadsheet program save as “CSV UTF-8”
catalogue-from = From
catalogue-from-hint = May lie in the future
catalogue-until = Last day
catalogue-reason = Reason or basis
catalogue-when = When
catalogue-now = in force

duty-sub = Matter × place × time → lead and co-units. The most particular row answers: the matter itself, then its class, then the row for all; of one matter the grid before the community.
duty-whole = Whole list
duty-new = New row
duty-edit = Edit the row
duty-import = Import the duty list
duty-with-owner = With an owner
duty-without = Without owner
duty-without-none = Every matter has an owner.
duty-nobody = no owner
duty-own = own row
duty-by-class = by class
duty-catch-all = only the row for all
duty-class-lead = Lead of the class
duty-class-row = the class
duty-all = every matter
duty-general = For all that nobody owns
duty-general-none = There is no row for all: matters without owner go nowhere by themselves.
duty-matters = { $n ->
    [one] 1 matter
   *[other] { $n } matters
 }
duty-rows = Rows of the list
duty-owners = Who handles it
duty-matter = Matter
duty-matter-hint = A code, the beginning of codes (06*), or *
duty-place = Place
duty-everywhere = everywhere
duty-lead = Lead
duty-co = Co-units
duty-basis = Basis
duty-basis-hint = Law, list or contract
duty-note = Note
duty-how = How it follows
duty-elsewhere = { $n ->
    [one] other rule at 1 place
   *[other] other rules at { $n } places
 }
duty-community = its community
duty-choose = Choose
duty-gone = unit no longer exists
duty-end = Withdraw this row
duty-end-hint = Dispatched cases are not affected.
duty-end-confirm = Withdraw it?
