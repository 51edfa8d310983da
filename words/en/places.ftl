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
place-kind-street = Sub-district
place-kind-community = Community
place-kind-grid = Grid
place-kind-micro_grid = Micro-grid
place-kind-building = Building
