# Places

refusal-places-edit-code = “{ $code }” cannot be a code: digits, letters and hyphens only, 32 at most.
refusal-places-edit-code-prefix = The code { $code } must begin with the code above it, { $parent }.
refusal-places-edit-code-taken = The code { $code } belongs to “{ $name }”.
refusal-places-edit-parent-retired = “{ $name }” no longer exists and takes no places below it.
refusal-places-edit-parent-kind = “{ $name }” cannot be above it: grids lie in communities, micro-grids in grids.
refusal-places-edit-future = { $day } has not come yet. A change of places begins today or earlier.
refusal-places-edit-before-version = The present version began on { $day }; a change cannot begin before that.
refusal-places-edit-inside-itself = A place cannot be put below itself.
refusal-places-retire-has-places = { $count ->
    [one] One place lies
   *[other] { $count } places lie
 } below “{ $name }”. Retire or move what lies there first.
refusal-places-import-kind-changed = The kind cannot change from { $was } to { $value }. Retire it and make another.
refusal-places-import-retired = “{ $value }” no longer exists. Codes are not used twice: give another.
refusal-places-import-parent-kind = { $value } ({ $kind }) cannot be above it: grids lie in communities, micro-grids in grids.
refusal-places-divisions-unknown = The list of divisions has no { $code }. Import a list first: gezhi import divisions.
refusal-places-divisions-level = { $code } is not the code of a street (9 digits) or of a county (6 digits).

place-kind-province = Province
place-kind-city = City
place-kind-county = County
place-kind-street = Street
place-kind-community = Community
place-kind-grid = Grid
place-kind-micro_grid = Micro-grid
place-kind-building = Building

places-sub = { $communities } communities · { $grids } grids · { $micro } micro-grids
places-import = Import boundaries
places-new = New place
places-new-below = New place below
places-edit = Change
places-edit-title = Edit the place
places-search = Find a place, road or estate
places-find = Find
places-found = { $n } found
places-found-none = Nothing of this name. Try a shorter one, or the name of an estate or a road.
places-empty = No places yet
places-empty-next = Import boundaries as GeoJSON, or make streets and communities from the list of divisions on the command line: gezhi import divisions, then gezhi import places --divisions.
places-name = Name
places-kind = Kind
places-code = Code
places-grids = Grids
places-micro-count = { $n } micro-grids
places-posts = Posts held
places-vacant = vacant
places-open = Open demands
places-map = Boundaries of the communities and open demands
places-map-plain = The boundaries of the communities
places-map-of = Boundary of { $name } and what lies in it
places-map-head = Map
places-map-hint = The darker, the more open demands; the number says how many.
places-map-area = { $name }, { $open } open
places-no-map = No boundary yet. Paste one under “Change”, or import them all.
places-no-shape = none
places-area = { $km } km²
places-households = { $n ->
    [one] 1 household
   *[other] { $n } households
 }
places-households-label = Households
places-below = Below
places-holders = Posts
places-holders-none = No post has been set up here.
places-post = Post
places-unit = Unit
places-holder = Held by
places-acting = { $name } (acting)
places-landmarks = Roads, estates, landmarks
places-public = Page for residents
places-token = New QR code
places-token-hint = For a code that is misused; cards that hang now stop working at once.
places-token-confirm = All printed cards stop working. Renew?
places-token-done = Renewed. Please print and hang the new cards.
places-versions = Changes
places-from = From
places-until = Until
places-shape = Boundary
places-reason = Reason or basis
places-retired = Retired; its last day was { $day }
places-retired-done = Retired. Its demands and its history stay.
places-qr = QR card
places-qr-sheet = QR cards below (six to a sheet)
places-print = Print
places-back = Back
places-card-title = Scan to report
places-created = Added
places-changed = Saved
places-save = Save
places-cancel = Cancel
places-parent = Above
places-parent-none = (none, the top)
places-code-hint = Begins with the code above; places below follow a change.
places-aliases = Other names
places-aliases-hint = Separate several names with |
places-shape-new = Replace the boundary
places-shape-add = Give a boundary
places-shape-hint = Paste GeoJSON (an area); left blank the boundary stays
places-crs = Coordinates
places-crs-hint = Surveys use CGCS2000; what was traced on an internet map is GCJ-02
places-crs-choose = Choose
places-from-hint = The day from which it holds; not later than today
places-retire = Retire
places-retire-hint = A retired place can no longer be chosen; demands, posts and history stay. Not while places lie below it.
places-retire-until = Last day
places-retire-confirm = Retire it?
places-import-sub = Check first, then import. One error and nothing is written; the same file again changes nothing.
places-import-hint = A GeoJSON file whose features have code and name, and may have kind, parent, aliases, households
field-file = File
field-crs = Coordinates

import-file = File
import-check = Only check
import-do = Import
import-errors = To be mended
import-row = Row
import-column = Column
import-why = Why
import-whole-file = the file
import-report-errors = { $errors ->
    [one] One error
   *[other] { $errors } errors
 }; nothing was written.
import-report-dry = Checked: { $rows } rows, { $added } would be new, { $changed } changed, { $unchanged } as before. Nothing has been written yet.
import-report-done = Imported: { $rows } rows, { $added } new, { $changed } changed, { $unchanged } as before.

landmark-road = Road
landmark-estate = Estate
landmark-market = Market
landmark-school = School
landmark-park = Park
landmark-hospital = Hospital
landmark-station = Station
landmark-office = Office
landmark-river = River
landmark-square = Square
landmark-site = Building site
landmark-bank = Bank
landmark-bridge = Bridge
landmark-bus = Bus stop
landmark-charging = Charging point
landmark-clinic = Clinic
landmark-eldercare = Elder care
landmark-factory = Factory
landmark-hall = Hall
landmark-kindergarten = Kindergarten
landmark-lake = Lake
landmark-lane = Lane
landmark-mall = Mall
landmark-parking = Car park
landmark-pond = Pond
landmark-shop = Shop
landmark-slope = Slope
landmark-toilet = Public toilet
landmark-transfer = Waste transfer station
