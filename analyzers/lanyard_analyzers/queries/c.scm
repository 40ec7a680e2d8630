;;; definitions
(function_definition declarator: (function_declarator declarator: (_) @name) body: (_) @body) @definition.function
(function_definition declarator: (pointer_declarator
  declarator: (function_declarator declarator: (_) @name)) body: (_) @body) @definition.function
(function_definition declarator: (pointer_declarator declarator: (pointer_declarator
  declarator: (function_declarator declarator: (_) @name))) body: (_) @body) @definition.function
(struct_specifier name: (type_identifier) @name body: (_) @body) @definition.class
(union_specifier name: (type_identifier) @name body: (_) @body) @definition.class
(enum_specifier name: (type_identifier) @name body: (_) @body) @definition.class
(type_definition type: (struct_specifier body: (_) @body !name) declarator: (type_identifier) @name) @definition.class
(type_definition type: (union_specifier body: (_) @body !name) declarator: (type_identifier) @name) @definition.class
(type_definition type: (enum_specifier body: (_) @body !name) declarator: (type_identifier) @name) @definition.class
(type_definition type: [(struct_specifier body: (_)) (union_specifier body: (_)) (enum_specifier body: (_))] @wrapped
  ) @wrapper
(preproc_function_def name: (identifier) @name value: (_) @body) @definition.function

;;; imports
(preproc_include path: (_) @import.source) @import

;;; references
(call_expression function: (identifier) @call)
(call_expression function: (field_expression field: (field_identifier) @call))
(type_identifier) @type

;;; members
(field_declaration declarator: (_) @name) @member
(enumerator name: (identifier) @name) @member

;;; branches
[
  (if_statement) (for_statement) (while_statement) (do_statement) (case_statement) (conditional_expression)
  (binary_expression operator: ["&&" "||"])
] @branch

;;; tests
(function_definition declarator: (function_declarator declarator: (identifier) @name) (#match? @name "^(test|Test|TEST|START_TEST|main$)")) @test

;;; identifiers
[(identifier) (field_identifier) (type_identifier)] @identifier
