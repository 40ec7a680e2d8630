;;; definitions
(function_definition declarator: (function_declarator declarator: (_) @name) body: (_)? @body) @definition.function
(function_definition declarator: (pointer_declarator
  declarator: (function_declarator declarator: (_) @name)) body: (_)? @body) @definition.function
(function_definition declarator: (pointer_declarator declarator: (pointer_declarator
  declarator: (function_declarator declarator: (_) @name))) body: (_)? @body) @definition.function
(function_definition declarator: (reference_declarator
  (function_declarator declarator: (_) @name)) body: (_)? @body) @definition.function
(function_definition declarator: (operator_cast) @name body: (_) @body) @definition.function
(class_specifier name: (_) @name body: (_) @body) @definition.class
(struct_specifier name: (_) @name body: (_) @body) @definition.class
(union_specifier name: (_) @name body: (_) @body) @definition.class
(enum_specifier name: (_) @name body: (_) @body) @definition.class
(type_definition type: (struct_specifier body: (_) @body !name) declarator: (type_identifier) @name) @definition.class
(concept_definition name: (identifier) @name) @definition.class
(preproc_function_def name: (identifier) @name value: (_) @body) @definition.function
(declaration declarator: (init_declarator declarator: (identifier) @name
  value: (lambda_expression body: (_) @body))) @definition.function
(namespace_definition name: (_) @name) @scope
(template_declaration (_) @wrapped .) @wrapper
(type_definition type: [(struct_specifier body: (_)) (union_specifier body: (_)) (enum_specifier body: (_))] @wrapped
  ) @wrapper

;;; imports
(preproc_include path: (_) @import.source) @import
(using_declaration (_) @import.source) @import

;;; references
(call_expression function: (identifier) @call)
(call_expression function: (field_expression field: (field_identifier) @call))
(call_expression function: (qualified_identifier name: (identifier) @call))
(call_expression function: (template_function name: (identifier) @call))
(type_identifier) @type

;;; members
(field_declaration declarator: (field_identifier) @name) @member
(field_declaration declarator: (pointer_declarator declarator: (field_identifier) @name)) @member
(enumerator name: (identifier) @name) @member

;;; branches
[
  (if_statement) (for_statement) (for_range_loop) (while_statement) (do_statement) (case_statement) (catch_clause)
  (conditional_expression) (binary_expression operator: ["&&" "||" "and" "or"])
] @branch

;;; tests
(function_definition declarator: (function_declarator declarator: (identifier) @name)
  (#match? @name "^(test|Test|TEST|SCENARIO|BOOST_AUTO_TEST_CASE|main$)")) @test
(call_expression function: (identifier) @name (#match? @name "^(TEST|TEST_CASE|SCENARIO|SECTION)$")) @test

;;; identifiers
[(identifier) (field_identifier) (type_identifier) (namespace_identifier)] @identifier
