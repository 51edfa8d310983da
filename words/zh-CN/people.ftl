# 角色
role-acceptor = 受理员
role-dispatcher = 分拨员
role-arbiter = 退单审核（中心主任）
role-handler = 经办人
role-petition-handler = 信访经办
role-verifier = 核查员
role-caller = 回访员
role-community-secretary = 社区书记
role-grid-worker = 网格员
role-leader = 街道领导
role-supervisor = 督查员
role-contractor = 承包与物业单位
role-system-admin = 系统管理员
role-security-admin = 安全管理员
role-auditor = 审计员

# 岗位类别
post-kind-leader = 街道领导
post-kind-unit-head = 部门负责人
post-kind-clerk = 工作人员
post-kind-administrator = 管理员
post-kind-community-secretary = 社区书记
post-kind-community-director = 居（村）委会主任
post-kind-community-worker = 社区工作者
post-kind-mediator = 人民调解员
post-kind-block-lead = 街区长
post-kind-grid-lead = 网格长
post-kind-grid-worker-full = 专职网格员
post-kind-grid-worker-part = 兼职网格员
post-kind-grid-specialist = 专业网格员
post-kind-micro-grid-lead = 微网格长
post-kind-building-lead = 楼长
post-kind-road-lead = 路长、河长
post-kind-foreman = 外单位负责人
post-kind-other = 其他

# 单位类别
unit-kind-street-department = 街道部门
unit-kind-community = 社区
unit-kind-public-unit = 公共服务单位
unit-kind-contractor = 承包单位
unit-kind-property = 物业企业
unit-kind-upper-department = 上级部门

# 字段
field-login = 登录名
field-password = 密码
field-title = 岗位名称
field-unit = 单位
field-kind = 类别
field-place = 责任区域
field-code = 代码
field-parent = 上级单位
field-role = 角色
field-until = 截止时间
field-post = 岗位
field-account = 人员

# 不能办的原因
refusal-people-password-short = 密码至少 { $least } 位。
refusal-people-password-long = 密码不能超过 { $most } 位。
refusal-people-password-login = 密码不能包含登录名，也不能是同一个字符。
refusal-people-password-classes = 密码须含大写字母、小写字母、数字、符号中的三类。
refusal-people-unit-kind = 请选择单位类别。
refusal-people-unit-code-taken = 代码“{ $code }”已有单位使用，请换一个。
refusal-people-unit-no-parent = 上级单位不存在。
refusal-people-unit-loop = 单位不能成为自己的上级，请另选上级单位。
refusal-people-unit-has-posts = 单位下还有岗位，先停用或调整这些岗位。
refusal-people-post-kind = 请选择岗位类别。
refusal-people-post-no-unit = 单位不存在或已停用。
refusal-people-post-no-place = 责任区域不存在。
refusal-people-post-has-roles = 岗位带有角色，单位和责任区域决定权限范围，不能直接改动。请先由安全管理员收回角色。
refusal-people-post-held = “{ $title }”还有人在岗，请先交接。
refusal-people-account-login = 登录名为 3–40 位小写字母、数字或 . _ -，以字母或数字开头。
refusal-people-account-login-taken = 登录名“{ $login }”已被使用，请换一个。
refusal-people-account-closed = { $name }的账号已注销，不能再改动。
refusal-people-account-self = 不能对自己的账号做这件事，请由另一位管理员办理。
refusal-people-behalf-not-yours = 您不能替{ $unit }代录：只有分拨席和该单位人员可以。
refusal-people-fill-already = { $name }在这段时间已经在这个岗位上。
refusal-people-fill-taken = “{ $title }”在这段时间已有人在岗。请先交接，或设为代班。
refusal-people-fill-period = 截止时间须晚于开始时间。
refusal-people-act-no-end = 代班须写明截止时间，到时自动结束。
refusal-people-act-too-long = 代班一次最多 { $most } 天。时间更长的，请由安全管理员按任岗办理。
refusal-people-end-past = 这段任岗已经结束。
refusal-people-end-last = 这是最后一位有此权限的人（{ $kind ->
    [system] 管理账号
    [security] 分配权限
   *[audit] 确认授权
}），收回后无人能办。请先安排接替的人并完成确认。
refusal-people-leave-drafts = 还有 { $count } 份未登记的通话记录，请至少指定一位接岗人来接手。
refusal-people-leave-holds = 该账号还有在任岗位或未登记的通话记录（岗位 { $count } 个），请先交接。
refusal-roles-ask-already = 该岗位已有这个角色，或正等待确认。
refusal-roles-confirm-same = 授权须由另一人确认：提出的人不能自己确认。
refusal-roles-confirm-own = 不能确认给自己的授权。
refusal-roles-confirm-auditor = 本单位管理员不足三人，每项授权须由审计员确认。
refusal-roles-confirm-decided = 这项授权已经处理过。
refusal-roles-apart-business = { $name }不能兼任：管理员不得查看或办理业务数据。请另设账号或另选人员。
refusal-roles-apart-audit = { $name }不能兼任：审计员不得兼任系统管理员或安全管理员。
refusal-roles-apart-two = { $name }不能兼任：已有三名管理员，系统管理员与安全管理员须由两人担任。
