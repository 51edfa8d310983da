# Roles
role-acceptor = Acceptor
role-dispatcher = Dispatcher
role-arbiter = Arbiter (head of the centre)
role-handler = Handler
role-petition-handler = Petition handler
role-verifier = Verifier
role-caller = Call-back desk
role-community-secretary = Community secretary
role-grid-worker = Grid worker
role-leader = Leader
role-supervisor = Supervisor
role-contractor = Contractor or property firm
role-system-admin = System administrator
role-security-admin = Security administrator
role-auditor = Auditor

# Kinds of posts
post-kind-leader = Leader of the office
post-kind-unit-head = Head of a unit
post-kind-clerk = Member of staff
post-kind-administrator = Administrator
post-kind-community-secretary = Community secretary
post-kind-community-director = Director of the residents' committee
post-kind-community-worker = Community worker
post-kind-mediator = Mediator
post-kind-block-lead = Block lead
post-kind-grid-lead = Grid lead
post-kind-grid-worker-full = Full-time grid worker
post-kind-grid-worker-part = Part-time grid worker
post-kind-grid-specialist = Specialist grid worker
post-kind-micro-grid-lead = Micro-grid lead
post-kind-building-lead = Building lead
post-kind-road-lead = Road or river lead
post-kind-foreman = Lead of an outside unit
post-kind-other = Other

# Kinds of units
unit-kind-street-department = Department of the office
unit-kind-community = Community
unit-kind-public-unit = Public utility
unit-kind-contractor = Contractor
unit-kind-property = Property firm
unit-kind-upper-department = Upper department

# Fields
field-login = Log-in name
field-password = Password
field-title = Title of the post
field-unit = Unit
field-kind = Kind
field-place = Area
field-code = Code
field-parent = Unit above
field-role = Role
field-until = Until
field-post = Post
field-account = Person

# Why not
refusal-people-password-short = A password has at least { $least } characters.
refusal-people-password-long = A password has at most { $most } characters.
refusal-people-password-login = A password may not contain the log-in name, nor be one character repeated.
refusal-people-password-classes = A password needs three of: capital letters, small letters, digits, symbols.
refusal-people-unit-kind = Choose the kind of unit.
refusal-people-unit-code-taken = Another unit has the code “{ $code }”. Choose another one.
refusal-people-unit-no-parent = The unit above does not exist.
refusal-people-unit-loop = A unit cannot be above itself. Choose another unit above.
refusal-people-unit-has-posts = The unit still has posts. End or move them first.
refusal-people-post-kind = Choose the kind of post.
refusal-people-post-no-unit = The unit does not exist or has ended.
refusal-people-post-no-place = The area does not exist.
refusal-people-post-has-roles = The post carries roles, and unit and area decide how far they reach. The security administrator must take the roles away first.
refusal-people-post-held = Somebody still holds “{ $title }”. Hand it over first.
refusal-people-account-login = A log-in name is 3–40 small letters, digits or . _ - and begins with a letter or digit.
refusal-people-account-login-taken = The log-in name “{ $login }” is taken. Choose another one.
refusal-people-account-closed = The account of { $name } is closed and stays as it is.
refusal-people-account-self = You cannot do this to your own account. Ask another administrator.
refusal-people-behalf-not-yours = You cannot enter this for { $unit }: only the dispatch desk and the unit's own people can.
refusal-people-fill-already = { $name } already holds this post in that time.
refusal-people-fill-taken = “{ $title }” is already held in that time. Hand it over first, or name an acting holder.
refusal-people-fill-period = The end must be later than the beginning.
refusal-people-act-no-end = Acting needs an end, and ends by itself then.
refusal-people-act-too-long = Acting lasts at most { $most } days. For longer, ask the security administrator to fill the post.
refusal-people-end-past = This holding has already ended.
refusal-people-end-last = This is the last person who can { $kind ->
    [system] manage accounts
    [security] grant roles
   *[audit] confirm grants
}; after that nobody could. Name a successor first and have it confirmed.
refusal-people-leave-drafts = { $count } unfinished call notes remain. Name at least one successor to take them over.
refusal-people-leave-holds = The account still holds posts ({ $count }) or unfinished call notes. Hand them over first.
refusal-roles-ask-already = The post already has this role, or it waits to be confirmed.
refusal-roles-confirm-same = A grant is confirmed by somebody else: whoever asked cannot confirm.
refusal-roles-confirm-own = You cannot confirm a grant to yourself.
refusal-roles-confirm-auditor = Fewer than three people administer this office, so every grant is confirmed by the auditor.
refusal-roles-confirm-decided = This grant has already been decided.
refusal-roles-apart-business = { $name } cannot hold both: an administrator neither reads nor handles business data. Use a separate account or another person.
refusal-roles-apart-audit = { $name } cannot hold both: the auditor cannot be system or security administrator.
refusal-roles-apart-two = { $name } cannot hold both: with three administrators, accounts and grants belong to two people.
