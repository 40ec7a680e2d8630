;;; definitions
(function_definition name: (name) @name body: (_) @body) @definition.function
(method_declaration name: (name) @name body: (_)? @body) @definition.method
(class_declaration name: (name) @name body: (_) @body) @definition.class
(interface_declaration name: (name) @name body: (_) @body) @definition.class
(trait_declaration name: (name) @name body: (_) @body) @definition.class
(enum_declaration name: (name) @name body: (_) @body) @definition.class
(assignment_expression left: (variable_name) @name
  right: [(anonymous_function body: (_) @body) (arrow_function body: (_) @body)]) @definition.function
(expression_statement (assignment_expression) @wrapped) @wrapper

;;; imports
(namespace_use_declaration) @import
(namespace_use_clause [(name) (qualified_name)] @import.source)
(namespace_use_clause alias: (name) @import.name)
(namespace_use_clause !alias (qualified_name (name) @import.name .))
(namespace_use_clause . (name) @import.name .)
(expression_statement [(require_expression) (require_once_expression) (include_expression)
  (include_once_expression)]) @import

;;; references
(function_call_expression function: (name) @call)
(function_call_expression function: (qualified_name (name) @call .))
(function_call_expression function: (variable_name) @call)
(member_call_expression name: (name) @call)
(nullsafe_member_call_expression name: (name) @call)
(scoped_call_expression name: (name) @call)
(scoped_call_expression scope: (name) @type)
(class_constant_access_expression . (name) @type)
(object_creation_expression (name) @type)
(named_type (name) @type)
(named_type (qualified_name (name) @type .))
(base_clause (name) @type)
(class_interface_clause (name) @type)
(use_declaration (name) @type)
(attribute (name) @type)
(binary_expression operator: "instanceof" right: (name) @type)

;;; members
(property_declaration (property_element name: (variable_name) @name)) @member
(property_promotion_parameter name: (variable_name) @name) @member
(declaration_list (const_declaration (const_element . (name) @name)) @member)
(enum_declaration_list (const_declaration (const_element . (name) @name)) @member)
(enum_case name: (name) @name) @member

;;; branches
[
  (if_statement) (else_if_clause) (for_statement) (foreach_statement) (while_statement) (do_statement) (catch_clause)
  (case_statement) (match_conditional_expression) (conditional_expression)
  (binary_expression operator: ["&&" "||" "??" "and" "or"])
] @branch

;;; tests
(method_declaration name: (name) @name (#match? @name "^test")) @test
(method_declaration attributes: (attribute_list (attribute_group (attribute (name) @name))) (#eq? @name "Test")) @test
((comment) @_doc . (method_declaration) @test (#match? @_doc "@test[^a-zA-Z]"))
(function_call_expression function: (name) @name (#any-of? @name "it" "test")) @test

;;; identifiers
[(name) (variable_name)] @identifier
