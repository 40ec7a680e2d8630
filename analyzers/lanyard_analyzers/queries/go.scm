;;; definitions
(function_declaration name: (identifier) @name body: (block)? @body) @definition.function
(method_declaration receiver: (parameter_list (parameter_declaration type: (_) @owner))
  name: (field_identifier) @name body: (block)? @body) @definition.method
(type_declaration . (type_spec name: (type_identifier) @name type: (_) @body) .) @definition.class
(type_declaration "(" (type_spec name: (type_identifier) @name type: (_) @body) @definition.class)
(type_declaration (type_alias name: (type_identifier) @name type: (_) @body)) @definition.class
(short_var_declaration left: (expression_list . (identifier) @name .)
  right: (expression_list . (func_literal body: (block) @body) .)) @definition.function
(var_declaration (var_spec name: (identifier) @name
  value: (expression_list . (func_literal body: (block) @body) .))) @definition.function

;;; imports
(import_declaration) @import
(import_spec path: (_) @import.source)
(import_spec name: (package_identifier) @import.name)

;;; references
(call_expression function: (identifier) @call)
(call_expression function: (selector_expression field: (field_identifier) @call))
(type_identifier) @type

;;; members
(field_declaration name: (field_identifier) @name) @member
(method_elem name: (field_identifier) @name) @member

;;; branches
[
  (if_statement) (for_statement) (expression_case) (type_case) (communication_case)
  (binary_expression operator: ["&&" "||"])
] @branch

;;; tests
(function_declaration name: (identifier) @name (#match? @name "^(Test|Benchmark|Fuzz|Example)")) @test

;;; identifiers
[(identifier) (field_identifier) (type_identifier) (package_identifier)] @identifier
