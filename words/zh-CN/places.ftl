# 区域

refusal-places-edit-code = “{ $code }”不能用作编码：只用数字、字母和连字符，最多 32 位。
refusal-places-edit-code-prefix = 编码 { $code } 应以上级的编码 { $parent } 开头。
refusal-places-edit-code-taken = 编码 { $code } 已用于“{ $name }”。
refusal-places-edit-parent-retired = “{ $name }”已撤销，不能再设下级。
refusal-places-edit-parent-kind = “{ $name }”的层级不能作它的上级：网格在社区之下，微网格在网格之下。
refusal-places-edit-future = { $day } 还没有到。区域的变更从当天或以前的日期起算。
refusal-places-edit-before-version = 现有版本从 { $day } 起，变更不能早于那天。
refusal-places-edit-inside-itself = 不能把区域放到它自己的下级里。
refusal-places-retire-has-places = “{ $name }”之下还有 { $count } 个区域，请先撤销或移走它们。
refusal-places-import-kind-changed = 层级不能由 { $was } 改为 { $value }。请撤销后另建。
refusal-places-import-retired = “{ $value }”已撤销。编码不重复使用，请另编一个。
refusal-places-import-parent-kind = 上级 { $value }（{ $kind }）的层级不对：网格在社区之下，微网格在网格之下。
refusal-places-divisions-unknown = 区划代码表里没有 { $code }。请先用 gezhi import divisions 导入代码表。
refusal-places-divisions-level = { $code } 不是街道（9 位）或区县（6 位）的代码。

place-kind-province = 省
place-kind-city = 市
place-kind-county = 区县
place-kind-street = 街道
place-kind-community = 社区
place-kind-grid = 网格
place-kind-micro_grid = 微网格
place-kind-building = 楼栋
